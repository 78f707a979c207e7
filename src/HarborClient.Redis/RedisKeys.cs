namespace HarborClient.Redis;

/// <summary>What keys are made of.</summary>
internal static class RedisKeys
{
    /// <exception cref="HarborException">The prefix has braces (Configuration).</exception>
    internal static string Checked(string prefix)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(prefix);

        // A brace would be taken for the beginning of the part that decides the hash slot.
        if (prefix.AsSpan().ContainsAny('{', '}')) throw new HarborException(ErrorKind.Configuration, $"The prefix of Redis keys must not have braces (was '{prefix}').");
        return prefix;
    }
}
