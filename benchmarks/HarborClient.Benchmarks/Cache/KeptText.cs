using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Cache;

/// <summary>An answer that is kept, as the provider streams it.</summary>
/// <param name="Id">In names of keys and files.</param>
/// <param name="Name">As it is shown.</param>
/// <param name="Events">The provider's stream.</param>
internal sealed record KeptText(string Id, string Name, byte[] Events)
{
    /// <summary>The text of a plain answer of 1 KB.</summary>
    internal static readonly KeptText Short = new("short", "a short answer", ChatWire.Short(Words.Answer));

    /// <summary>More than a kilobyte, which is kept compressed.</summary>
    internal static readonly KeptText Long = new("long", "a long answer, kept compressed", [.. FixedAnswers.OpenAI.StreamOf(StreamKind.Text).SelectMany(write => write)]);

    internal static readonly KeptText[] All = [Short, Long];
}
