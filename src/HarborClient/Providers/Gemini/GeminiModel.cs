using System.Buffers;
using System.Globalization;

namespace HarborClient.Providers.Gemini;

/// <summary>What a model's id says: where it is found, and how it is told to think.</summary>
internal static class GeminiModel
{
    private const string Published = "models/";
    private const string Tuned = "tunedModels/";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>How a model is told how much to think.</summary>
    internal enum ThinkingStyle
    {
        /// <summary>It does not think.</summary>
        None,

        /// <summary>A number of tokens (2.5).</summary>
        Budget,

        /// <summary>A word (3 and later, and whatever names no version).</summary>
        Level,
    }

    /// <summary>The resource name, such as <c>models/gemini-2.5-flash</c>; a caller may name it so, or a tuned model.</summary>
    internal static string ResourceOf(string model) => IsResource(model) ? model : Published + model;

    /// <summary>The resource name as a piece of an address.</summary>
    internal static string PathOf(string model)
    {
        int start = model.StartsWith(Published, StringComparison.Ordinal) ? Published.Length : model.StartsWith(Tuned, StringComparison.Ordinal) ? Tuned.Length : 0;
        return string.Concat(start == 0 ? Published : model.AsSpan(0, start), Uri.EscapeDataString(model[start..]));
    }

    internal static bool IsPro(string model) => model.Contains("-pro", StringComparison.Ordinal);

    /// <summary>Whether it thinks without being told to: all that can, but the smallest of 2.5.</summary>
    internal static bool ThinksByItself(string model) => VersionOf(model) switch
    {
        null or < 2.5 => false,
        < 3 => !model.Contains("-lite", StringComparison.Ordinal),
        _ => true,
    };

    internal static ThinkingStyle StyleOf(string model) => VersionOf(model) switch
    {
        null => ThinkingStyle.Level,
        < 2.5 => ThinkingStyle.None,
        < 3 => ThinkingStyle.Budget,
        _ => ThinkingStyle.Level,
    };

    private static bool IsResource(string model) => model.StartsWith(Published, StringComparison.Ordinal) || model.StartsWith(Tuned, StringComparison.Ordinal);

    /// <summary>The number after "gemini-"; null for aliases such as gemini-flash-latest, tuned models and other families.</summary>
    private static double? VersionOf(string model)
    {
        const string Family = "gemini-";
        int start = model.IndexOf(Family, StringComparison.Ordinal);
        if (start < 0) return null;
        ReadOnlySpan<char> rest = model.AsSpan(start + Family.Length);
        int end = rest.IndexOfAnyExcept(NumberCharacters);
        return double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double version) ? version : null;
    }
}
