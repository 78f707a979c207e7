namespace HarborClient.Testing.Engine;

internal static class Words
{
    // "a big  cat" is "a", " big", "  cat": joined again they are the text.
    public static IEnumerable<string> Split(string text)
    {
        int start = 0;
        for (int end = 1; end < text.Length; end++)
        {
            if (char.IsWhiteSpace(text[end]) && !char.IsWhiteSpace(text[end - 1]))
            {
                yield return text[start..end];
                start = end;
            }
        }

        if (start < text.Length) yield return text[start..];
    }
}
