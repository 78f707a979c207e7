using System.Globalization;

namespace HarborClient.Benchmarks.Cache;

/// <summary>What became of the calls of a client, or of several.</summary>
/// <param name="Asked">Upstream calls.</param>
/// <param name="FromMemory">Answered from memory.</param>
/// <param name="FromRedis">Answered from Redis.</param>
/// <param name="Failed">Reads of Redis that failed or took longer than their budget.</param>
/// <param name="Dropped">Writes that were given up.</param>
internal readonly record struct AskerFigures(long Asked, long FromMemory, long FromRedis, long Failed, long Dropped)
{
    public static AskerFigures operator +(AskerFigures one, AskerFigures other) =>
        new(one.Asked + other.Asked, one.FromMemory + other.FromMemory, one.FromRedis + other.FromRedis, one.Failed + other.Failed, one.Dropped + other.Dropped);

    internal static AskerFigures Parse(string line)
    {
        long[] numbers = [.. line.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        return new AskerFigures(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    internal string Write() => string.Create(CultureInfo.InvariantCulture, $"{Asked} {FromMemory} {FromRedis} {Failed} {Dropped}");
}
