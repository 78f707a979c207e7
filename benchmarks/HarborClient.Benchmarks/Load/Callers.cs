using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>Who makes the calls of one load: bare first, then HarborClient in each mode.</summary>
internal sealed class Callers : IDisposable
{
    /// <summary>The most that the option takes. Bare HttpClient has no limit; over HTTP/1.1 the default of 100 would make a load of more calls than that wait for each other.</summary>
    internal const int Connections = 10_000;

    private readonly BareClient _bare;
    private readonly HarborPeer _default;
    private readonly HarborPeer _harbor;

    internal Callers(UpstreamProcess upstream, int delayMilliseconds)
    {
        Uri endpoint = new Route(StreamKind.Text, delayMilliseconds).OpenAI(upstream.Plain);
        _bare = new BareClient(Protocol.Http1, new Uri(endpoint, "chat/completions"), Requests.Body(Dialect.OpenAI, isStream: false));
        _harbor = new HarborPeer(Dialect.OpenAI, Protocol.Http1, endpoint, Requests.Question, Requests.Options, Connections);
        _default = new HarborPeer(Dialect.OpenAI, Protocol.Http1, endpoint, Requests.Question, Requests.Options);
        All =
        [
            ("bare HttpClient", _bare.CallAsync),
            .. Enum.GetValues<PerformanceMode>().Select(mode => ($"HarborClient {mode}", _harbor.Plain(mode))),
        ];
    }

    /// <summary>The default limit on connections, which is what a user who sets nothing gets.</summary>
    internal (string Name, Func<int, Task<long>> CallAsync) WithDefaultConnections => ("HarborClient Fast, default connections", _default.Plain(PerformanceMode.Fast));

    internal IReadOnlyList<(string Name, Func<int, Task<long>> CallAsync)> All { get; }

    public void Dispose()
    {
        _bare.Dispose();
        _harbor.Dispose();
        _default.Dispose();
    }
}
