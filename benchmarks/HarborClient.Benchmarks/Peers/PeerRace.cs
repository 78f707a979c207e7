using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Peers;

/// <summary>Everybody who can do a piece of work, ready to be measured. Owns the clients.</summary>
internal sealed class PeerRace : IDisposable
{
    internal const string BareName = "bare HttpClient";
    internal const string BareStreamName = "bare HttpClient, streamed";

    private readonly List<IDisposable> _clients = [];

    private PeerRace(string title) => Title = title;

    internal string Title { get; }

    internal Race Race { get; private set; } = null!;

    internal static string TitleOf(Track track, Work work) => $"{track}: {work.Title}";

    internal static string Plain(PerformanceMode mode) => $"HarborClient {mode}";

    internal static string Updates(PerformanceMode mode) => $"HarborClient {mode} as IChatClient";

    internal static string Text(PerformanceMode mode) => $"HarborClient {mode} as text";

    /// <summary>Sets everybody up.</summary>
    /// <param name="upstream">The other process.</param>
    /// <param name="track">The protocol of the provider and the one below it.</param>
    /// <param name="work">What is done.</param>
    /// <param name="withPeers">Whether the official SDKs take part.</param>
    internal static async Task<PeerRace> CreateAsync(UpstreamProcess upstream, Track track, Work work, bool withPeers = true)
    {
        (Dialect dialect, Protocol protocol) = track;
        var race = new PeerRace(TitleOf(track, work));
        Uri server = protocol == Protocol.Http2 ? upstream.Secure : upstream.Plain;
        Uri endpoint = dialect.Endpoint(work.Route, server);
        var contestants = new List<Contestant> { await race.BareAsync(dialect, protocol, work, endpoint) };
        bool isShort = work.Kind is WorkKind.Plain or WorkKind.Stream;
        if (withPeers && isShort) contestants.AddRange(dialect == Dialect.Claude ? race.Anthropic(protocol, work, server) : race.OpenAI(protocol, work, endpoint));
        contestants.AddRange(race.Harbor(dialect, protocol, work, endpoint));
        race.Race = new Race(race.Title, work.Calls, contestants);
        return race;
    }

    internal Contestant? Find(string name) => Race.Contestants.FirstOrDefault(contestant => contestant.Name == name);

    public void Dispose()
    {
        foreach (IDisposable client in _clients) client.Dispose();
    }

    private T Own<T>(T client) where T : IDisposable
    {
        _clients.Add(client);
        return client;
    }

    private async Task<Contestant> BareAsync(Dialect dialect, Protocol protocol, Work work, Uri endpoint)
    {
        byte[] body = work.Kind switch
        {
            WorkKind.Agent => await CapturedBody.OfAsync(dialect, Requests.Agent(1), Requests.AgentOptions(1)),
            WorkKind.Image => await CapturedBody.OfAsync(dialect, Requests.Image(1), Requests.Options(1)),
            _ => Requests.Body(dialect, work.Kind == WorkKind.Stream),
        };
        return new Contestant(BareName, Own(new BareClient(protocol, new Uri(endpoint, dialect.Path), body)).CallAsync);
    }

    private IEnumerable<Contestant> OpenAI(Protocol protocol, Work work, Uri endpoint)
    {
        OpenAIPeer peer = Own(new OpenAIPeer(protocol, endpoint));
        yield return new Contestant(OpenAIPeer.Name, work.Kind == WorkKind.Stream ? peer.StreamAsync : peer.PlainAsync);
    }

    private IEnumerable<Contestant> Anthropic(Protocol protocol, Work work, Uri server)
    {
        AnthropicPeer peer = Own(new AnthropicPeer(protocol, work.Route.Anthropic(server)));
        bool isStream = work.Kind == WorkKind.Stream;
        yield return new Contestant(AnthropicPeer.Name, isStream ? peer.StreamAsync : peer.PlainAsync);
        yield return new Contestant(AnthropicPeer.ChatClientName, isStream ? peer.ChatStreamAsync : peer.ChatAsync);
    }

    private IEnumerable<Contestant> Harbor(Dialect dialect, Protocol protocol, Work work, Uri endpoint)
    {
        Func<int, IEnumerable<ChatMessage>> messages = work.Kind switch
        {
            WorkKind.Agent => Requests.Agent,
            WorkKind.Image => Requests.Image,
            _ => Requests.Question,
        };
        Func<int, HarborChatOptions> options = work.Kind == WorkKind.Agent ? Requests.AgentOptions : Requests.Options;
        HarborPeer peer = Own(new HarborPeer(dialect, protocol, endpoint, messages, options));
        if (work.Kind == WorkKind.Stream)
        {
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                yield return new Contestant(Updates(mode), peer.Updates(mode));
                yield return new Contestant(Text(mode), peer.Text(mode));
            }

            yield break;
        }

        yield return new Contestant(Plain(PerformanceMode.Fast), peer.Plain(PerformanceMode.Fast));
        yield return new Contestant(Plain(PerformanceMode.Balanced), peer.Plain(PerformanceMode.Balanced));
        if (work.Kind != WorkKind.Plain) yield break;

        // Full has a plain call streamed by the provider, so it moves the bytes of 200 events: the second bare row is what it has to be compared with.
        yield return new Contestant(BareStreamName, Own(new BareClient(protocol, new Uri(endpoint, dialect.Path), Requests.Body(dialect, isStream: true))).CallAsync);
        yield return new Contestant(Plain(PerformanceMode.Full), peer.Plain(PerformanceMode.Full));
    }
}
