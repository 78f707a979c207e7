using System.Text;

namespace HarborClient.Errors;

/// <summary>Takes keys and pieces of prompts out of what a provider wrote about an error: some hosts quote both, and messages end up in logs.</summary>
internal static class SecretScrubber
{
    /// <summary>Shared stretches shorter than this are ordinary words, not quotations.</summary>
    private const int ProbeLength = 32;

    /// <summary>A quotation of <see cref="ProbeLength"/> + <see cref="ProbeStep"/> characters or more contains at least one probe.</summary>
    private const int ProbeStep = 8;

    /// <summary>A prompt shorter than this is a common word, and taking it out would only spoil the message.</summary>
    private const int ShortestPrompt = 8;

    private const string Removed = "[…]";

    /// <summary>The text without the key and without anything quoted from the prompts; the same instance when there was nothing.</summary>
    internal static string Scrub(string text, string? key, IEnumerable<string> prompts)
    {
        if (key is { Length: > 0 }) text = text.Replace(key, Removed, StringComparison.Ordinal);
        foreach (string prompt in prompts)
        {
            if (prompt.Length >= ProbeLength) text = WithoutQuotations(text, prompt);
            else if (prompt.Length >= ShortestPrompt) text = text.Replace(prompt, Removed, StringComparison.Ordinal);
        }

        return text;
    }

    private static string WithoutQuotations(string text, string prompt)
    {
        StringBuilder? kept = null;
        int copied = 0;
        for (int at = 0; at + ProbeLength <= text.Length; at += ProbeStep)
        {
            int found = prompt.IndexOf(text.Substring(at, ProbeLength), StringComparison.Ordinal);
            if (found < 0) continue;
            int start = at;
            int inPrompt = found;
            while (start > copied && inPrompt > 0 && text[start - 1] == prompt[inPrompt - 1])
            {
                start--;
                inPrompt--;
            }

            int end = at + ProbeLength;
            inPrompt = found + ProbeLength;
            while (end < text.Length && inPrompt < prompt.Length && text[end] == prompt[inPrompt])
            {
                end++;
                inPrompt++;
            }

            (kept ??= new StringBuilder()).Append(text, copied, start - copied).Append(Removed);
            copied = end;
            at = end - ProbeStep;
        }

        return kept is null ? text : kept.Append(text, copied, text.Length - copied).ToString();
    }
}
