using System.Diagnostics;

namespace HarborClient.Benchmarks.Clients;

/// <summary>HarborClient: one client for all modes, as IChatClient and as text.</summary>
internal sealed class HarborPeer : IDisposable
{
    private readonly SocketsHttpHandler? _handler;
    private readonly Func<int, IEnumerable<ChatMessage>> _messages;
    private readonly Func<int, HarborChatOptions> _options;
    private readonly bool _hasSeed;

    /// <summary>Over plain HTTP it has its own handler; over TLS one of the same settings that accepts the upstream's certificate.</summary>
    /// <param name="dialect">How the provider is registered.</param>
    /// <param name="protocol">How it talks.</param>
    /// <param name="endpoint">The provider's endpoint.</param>
    /// <param name="messages">The caller's messages, by seed; made for every call unless a caller would keep them.</param>
    /// <param name="options">The caller's options, by seed, made for every call.</param>
    internal HarborPeer(Dialect dialect, Protocol protocol, Uri endpoint, Func<int, IEnumerable<ChatMessage>> messages, Func<int, HarborChatOptions> options)
    {
        _messages = messages;
        _options = options;
        _hasSeed = dialect != Dialect.Claude;
        _handler = protocol == Protocol.Http2 ? Handlers.CreateForHarbor() : null;
        Client = FastClient.Create(h => dialect.Register(h, endpoint, _handler));
    }

    internal FastClient Client { get; }

    internal Func<int, Task<long>> Plain(PerformanceMode mode) => async seed =>
    {
        ChatResponse answer = await Client.GetResponseAsync(_messages(seed), Options(mode, seed));
        ArgumentOutOfRangeException.ThrowIfZero(answer.Messages.Count);
        return 0;
    };

    internal Func<int, Task<long>> Updates(PerformanceMode mode) => async seed =>
    {
        long first = 0;
        await foreach (ChatResponseUpdate update in Client.GetStreamingResponseAsync(_messages(seed), Options(mode, seed)))
        {
            if (first == 0 && update.Contents.Count > 0) first = Stopwatch.GetTimestamp();
        }

        return first;
    };

    internal Func<int, Task<long>> Text(PerformanceMode mode) => async seed =>
    {
        long first = 0;
        await foreach (string piece in Client.StreamTextAsync(_messages(seed), Options(mode, seed)))
        {
            if (first == 0 && piece.Length > 0) first = Stopwatch.GetTimestamp();
        }

        return first;
    };

    public void Dispose()
    {
        Client.Dispose();
        _handler?.Dispose();
    }

    private HarborChatOptions Options(PerformanceMode mode, int seed)
    {
        HarborChatOptions options = _options(seed);
        options.Mode = mode;

        // Claude has no seed: what tells its requests apart is another number of the same length.
        if (!_hasSeed) (options.TopK, options.Seed) = ((int?)options.Seed, null);
        return options;
    }
}
