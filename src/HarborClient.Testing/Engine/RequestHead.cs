namespace HarborClient.Testing.Engine;

// What is known of a request before its body was read.
internal sealed record RequestHead(string Method, string Path, string HttpVersion, IReadOnlyDictionary<string, string> Headers)
{
    // Without the query.
    public string Route => Path.IndexOf('?', StringComparison.Ordinal) is var end and >= 0 ? Path[..end] : Path;
}
