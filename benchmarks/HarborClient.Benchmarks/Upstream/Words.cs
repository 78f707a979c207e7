using System.Globalization;

namespace HarborClient.Benchmarks.Upstream;

/// <summary>The texts that questions and answers are made of. Fixed: every run moves the same bytes.</summary>
internal static class Words
{
    internal const int Updates = 200;

    /// <summary>The longest padding that OpenAI adds to an event.</summary>
    internal const int MaxPadding = 33;

    /// <summary>600 bytes.</summary>
    internal static readonly string Question = string.Concat(Enumerable.Repeat("Explain in plain words why the sky is blue at noon. ", 12))[..600];

    /// <summary>The text of a plain answer of about 1 KB.</summary>
    internal static readonly string Answer = string.Concat(Enumerable.Repeat("Air scatters blue light more than red. ", 14));

    /// <summary>Piece <paramref name="index"/> of a stream, as it stands inside a JSON string: a tenth with escapes, a tenth with CJK.</summary>
    internal static string Piece(int index) => (index % 10) switch
    {
        0 => "\\n\\\"quoted\\\" ",
        5 => "散乱 ",
        _ => string.Create(CultureInfo.InvariantCulture, $"word{index} "),
    };

    /// <summary>Piece <paramref name="index"/> of a tool call's arguments (one JSON object in all), as it stands inside a JSON string.</summary>
    internal static string ArgumentPiece(int index) => index switch
    {
        0 => "{\\\"text\\\": \\\"",
        Updates - 1 => "end\\\"}",
        _ => index % 10 == 5 ? "散乱 " : string.Create(CultureInfo.InvariantCulture, $"word{index} "),
    };
}
