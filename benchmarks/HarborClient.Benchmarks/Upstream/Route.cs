using System.Globalization;

namespace HarborClient.Benchmarks.Upstream;

/// <summary>What the upstream is asked to do, as the first segments of the path, so that every client can say it by its endpoint.</summary>
/// <param name="Kind">The stream it answers a streamed request with. A plain request is always answered with the plain answer.</param>
/// <param name="DelayMilliseconds">Wait before the headers.</param>
/// <param name="GapMilliseconds">Wait between the writes of a stream; 0 flushes each write and goes on, <see cref="AtOnce"/> sends all of it in one go.</param>
internal readonly record struct Route(StreamKind Kind, int DelayMilliseconds = 0, int GapMilliseconds = Route.AtOnce)
{
    /// <summary>The upstream never waits between writes, so how it is scheduled has the least say in what the client reads at once.</summary>
    internal const int AtOnce = -1;

    /// <summary>Endpoint of an OpenAI client: its version segment included.</summary>
    internal Uri OpenAI(Uri server) => new(server, $"{Prefix}/v1/");

    /// <summary>Base address of an Anthropic client, which appends <c>/v1/messages</c> by itself.</summary>
    internal Uri Anthropic(Uri server) => new(server, Prefix);

    internal static bool TryParse(ReadOnlySpan<char> path, out Route route)
    {
        route = default;
        Span<Range> parts = stackalloc Range[5];
        if (path.Split(parts, '/') < 5 || !Enum.TryParse(path[parts[1]], out StreamKind kind)) return false;
        if (!int.TryParse(path[parts[2]], CultureInfo.InvariantCulture, out int delay) || !int.TryParse(path[parts[3]], CultureInfo.InvariantCulture, out int gap)) return false;
        route = new Route(kind, delay, gap);
        return true;
    }

    private string Prefix => string.Create(CultureInfo.InvariantCulture, $"/{Kind}/{DelayMilliseconds}/{GapMilliseconds}");
}
