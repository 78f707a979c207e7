using HarborClient.Errors;

namespace HarborClient;

/// <summary>A gap in a file that CodeGeeX4 is to fill. Immutable; <see cref="ToPrompt"/> makes the user's message of it.</summary>
/// <param name="Prefix">The code before the gap.</param>
/// <param name="Suffix">The code after it.</param>
public sealed record CodeInfilling(string Prefix, string Suffix)
{
    private static readonly string[] Markers = ["<|code_suffix|>", "<|code_prefix|>", "<|code_middle|>"];

    /// <summary>The file's path, as in <c>src/Sort.cs</c>.</summary>
    /// <value>Default <see langword="null"/>: not said.</value>
    public string? Path { get; init; }

    /// <summary>The programming language, as in <c>C#</c>.</summary>
    /// <value>Default <see langword="null"/>: not said.</value>
    public string? Language { get; init; }

    /// <summary>Whether the gap is one line, and not a block.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool IsLine { get; init; }

    /// <summary>The prompt in CodeGeeX4's form: <c>###PATH</c>, <c>###LANGUAGE</c>, <c>###MODE</c>, then suffix and prefix. The answer is the code of the gap.</summary>
    /// <returns>The text of the user's message.</returns>
    /// <exception cref="HarborException">The code holds one of the form's own marks, or path or language a line break (InvalidRequest).</exception>
    public string ToPrompt()
    {
        foreach (string marker in Markers)
        {
            if (Prefix.Contains(marker, StringComparison.Ordinal) || Suffix.Contains(marker, StringComparison.Ordinal))
                throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"The code to fill in holds {marker}, which is a mark of the prompt's own form and cannot be sent.");
        }

        return $"{Line("PATH", Path)}{Line("LANGUAGE", Language)}###MODE:{(IsLine ? "LINE" : "BLOCK")}\n<|code_suffix|>{Suffix}<|code_prefix|>{Prefix}<|code_middle|>";
    }

    private static string Line(string name, string? value)
    {
        if (string.IsNullOrEmpty(value)) return "";
        if (value.Any(char.IsControl)) throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"The {name.ToLowerInvariant()} of the code to fill in must be one line.");
        return $"###{name}:{value}\n";
    }
}
