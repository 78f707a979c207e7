using System.Globalization;

namespace HarborClient.Benchmarks.Cache;

/// <summary>A prompt of 3 KB, deterministic, as a caller has built it.</summary>
internal static class LongQuestion
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 500).Select(i => string.Create(CultureInfo.InvariantCulture, $"w{i:D4} ")));

    /// <summary>Another number is another question of the same length.</summary>
    internal static ChatMessage[] Messages(int number) => [new(ChatRole.User, string.Create(CultureInfo.InvariantCulture, $"q{number:D4} {Text[6..]}"))];

    internal static HarborChatOptions Options(PerformanceMode mode) => new() { Temperature = 0, Mode = mode };
}
