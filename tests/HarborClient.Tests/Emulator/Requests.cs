using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// What these tests send: plain HTTP, no client of ours.
internal static class Requests
{
    public static readonly Uri InMemory = new("https://api.example.test/v1/");

    public static HttpRequestMessage Chat(bool isStreaming = true, string question = "hi", string more = "", Uri? endpoint = null)
    {
        var body = $$"""{"model":"gpt-5-mini","stream":{{(isStreaming ? "true" : "false")}},"messages":[{"role":"user","content":"{{question}}"}]{{more}}}""";
        return Post("chat/completions", body, endpoint);
    }

    public static HttpRequestMessage Post(string path, string body, Uri? endpoint = null)
        => new(HttpMethod.Post, new Uri(endpoint ?? InMemory, path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    // Returns with the headers, as a streaming client does.
    public static Task<HttpResponseMessage> SendAsync(this ProviderEmulator provider, HttpRequestMessage request, CancellationToken cancellationToken = default)
        => new HttpMessageInvoker(provider.CreateHandler()).SendAsync(request, cancellationToken);

    public static async Task<string> AskAsync(this ProviderEmulator provider, HttpRequestMessage request)
    {
        using var response = await provider.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    // One string a read, so that the boundaries show.
    public static async Task<List<string>> ReadsAsync(this HttpResponseMessage response)
    {
        var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var reads = new List<string>();
        for (var count = await stream.ReadAsync(buffer); count > 0; count = await stream.ReadAsync(buffer))
        {
            reads.Add(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return reads;
    }

    public static async Task<string> ReadOnceAsync(this Stream stream)
    {
        var buffer = new byte[64 * 1024];
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer));
    }
}
