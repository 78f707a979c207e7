using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Peers;

/// <summary>A piece of work that all contestants do.</summary>
/// <param name="Title">As it is shown.</param>
/// <param name="Kind">What is asked and answered.</param>
/// <param name="Route">What the upstream does.</param>
/// <param name="Calls">Calls of one contestant in one round.</param>
internal sealed record Work(string Title, WorkKind Kind, Route Route, int Calls)
{
    internal static readonly Work OneShot = new("one-shot, 1 KB answer", WorkKind.Plain, new Route(StreamKind.Text), 150);
    internal static readonly Work Text = new("stream of 200 pieces of text", WorkKind.Stream, new Route(StreamKind.Text), 40);
    internal static readonly Work Flushed = new("stream of 200 pieces of text, each write flushed by itself", WorkKind.Stream, new Route(StreamKind.Text, GapMilliseconds: 0), 40);
    internal static readonly Work Tools = new("stream of 200 pieces of tool arguments", WorkKind.Stream, new Route(StreamKind.Tools), 40);
    internal static readonly Work Reasoning = new("stream of 150 pieces of reasoning and 50 of text", WorkKind.Stream, new Route(StreamKind.Reasoning), 40);
    internal static readonly Work Paced = new("stream of 200 pieces of text, 1 ms between writes", WorkKind.Stream, new Route(StreamKind.Text, GapMilliseconds: 1), 2);
    internal static readonly Work Agent = new("an agent's request: 32 messages, 20 tools, 100 KB", WorkKind.Agent, new Route(StreamKind.Text), 40);
    internal static readonly Work Image = new("a request with a 4 MB image", WorkKind.Image, new Route(StreamKind.Text), 5);
}
