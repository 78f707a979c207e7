using System.Globalization;

namespace HarborClient.Providers.Zhipu;

/// <summary>The version in the id of a GLM model, by which its API differs.</summary>
internal static class GlmVersion
{
    /// <summary>Models that think before they answer: GLM-4.5 and later.</summary>
    internal const int Thinks = 405;

    /// <summary>Models that stream a tool call's arguments in pieces when asked to: GLM-4.6 and later.</summary>
    internal const int StreamsToolCalls = 406;

    /// <summary>Models that take a reasoning effort beside on and off: GLM-5.2 and later.</summary>
    internal const int TakesEffort = 502;

    private const string Prefix = "glm-";

    /// <summary>"glm-4.6v-flash" is 406; 0 for an id without a version.</summary>
    internal static int Of(string model)
    {
        if (!model.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return 0;
        ReadOnlySpan<char> rest = model.AsSpan(Prefix.Length);
        int major = TakeNumber(ref rest);
        if (rest is not ['.', ..]) return major * 100;
        rest = rest[1..];
        return (major * 100) + TakeNumber(ref rest);
    }

    /// <summary>Two digits: the date in "glm-4-flash-250414" is no part of it, and neither is the size in "glm-32b".</summary>
    private static int TakeNumber(ref ReadOnlySpan<char> text)
    {
        int digits = 0;
        while (digits < text.Length && digits < 2 && char.IsAsciiDigit(text[digits])) digits++;
        int number = digits == 0 ? 0 : int.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        text = text[digits..];
        return number;
    }
}
