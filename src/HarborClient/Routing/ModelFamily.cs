namespace HarborClient.Routing;

/// <summary>Which models share their limits: dated and latest versions of one model do, at every provider that publishes its rules.</summary>
internal static class ModelFamily
{
    /// <summary>The model without the date or "latest" at its end.</summary>
    internal static string Of(string model)
    {
        ReadOnlySpan<char> name = model;
        if (name.EndsWith("-latest", StringComparison.Ordinal)) return name[..^"-latest".Length].ToString();
        if (name.Length > 11 && name[^11] == '-' && name[^6] == '-' && name[^3] == '-' && AreDigits(name[^10..^6]) && AreDigits(name[^5..^3]) && AreDigits(name[^2..])) return model[..^11];
        return name.Length > 9 && name[^9] == '-' && AreDigits(name[^8..]) ? model[..^9] : model;
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
