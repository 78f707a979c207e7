using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Peers;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>Who makes the calls of one load: the bare client, the bare client that is answered with a stream, then HarborClient in each mode.</summary>
internal sealed class Callers : IDisposable
{
    /// <summary>Where <see cref="PerformanceMode.Fast"/> stands in <see cref="All"/>; the other modes follow.</summary>
    internal const int FirstMode = 2;

    private readonly BareClient _bare;
    private readonly BareClient _streamed;
    private readonly HarborPeer _harbor;

    internal Callers(UpstreamProcess upstream, int delayMilliseconds)
    {
        Uri endpoint = new Route(StreamKind.Text, delayMilliseconds).OpenAI(upstream.Plain);
        var address = new Uri(endpoint, Dialect.OpenAI.Path);
        _bare = new BareClient(Protocol.Http1, address, Requests.Body(Dialect.OpenAI, isStream: false));
        _streamed = new BareClient(Protocol.Http1, address, Requests.Body(Dialect.OpenAI, isStream: true));
        _harbor = new HarborPeer(Dialect.OpenAI, Protocol.Http1, endpoint, Requests.Question, Requests.Options);
        All =
        [
            (PeerRace.BareName, _bare.CallAsync),
            (PeerRace.BareStreamName, _streamed.CallAsync),
            .. Enum.GetValues<PerformanceMode>().Select(mode => (PeerRace.Plain(mode), _harbor.Plain(mode))),
        ];
    }

    internal IReadOnlyList<(string Name, Func<int, Task<long>> CallAsync)> All { get; }

    public void Dispose()
    {
        _bare.Dispose();
        _streamed.Dispose();
        _harbor.Dispose();
    }
}
