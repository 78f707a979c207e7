using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>Who makes the calls of one load: bare first, then HarborClient in each mode.</summary>
internal sealed class Callers : IDisposable
{
    private readonly BareClient _bare;
    private readonly HarborPeer _harbor;

    internal Callers(UpstreamProcess upstream, int delayMilliseconds)
    {
        Uri endpoint = new Route(StreamKind.Text, delayMilliseconds).OpenAI(upstream.Plain);
        _bare = new BareClient(Protocol.Http1, new Uri(endpoint, "chat/completions"), Requests.Body(Dialect.OpenAI, isStream: false));
        _harbor = new HarborPeer(Dialect.OpenAI, Protocol.Http1, endpoint, Requests.Question, Requests.Options);
        All =
        [
            ("bare HttpClient", _bare.CallAsync),
            .. Enum.GetValues<PerformanceMode>().Select(mode => ($"HarborClient {mode}", _harbor.Plain(mode))),
        ];
    }

    internal IReadOnlyList<(string Name, Func<int, Task<long>> CallAsync)> All { get; }

    public void Dispose()
    {
        _bare.Dispose();
        _harbor.Dispose();
    }
}
