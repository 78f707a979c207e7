using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Quick;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Micro;

/// <summary>A HarborClient over a handler that answers in memory, and the bare call that moves the same bytes through the same handler.</summary>
internal sealed class InMemoryClient : IDisposable
{
    private readonly FixedHandler _handler;
    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _address;
    private readonly byte[] _buffer = new byte[4096];

    private InMemoryClient(Dialect dialect, byte[] answer, string contentType, Action<HarborBuilder>? configure)
    {
        _handler = new FixedHandler(answer, contentType);
        _invoker = new HttpMessageInvoker(_handler, disposeHandler: false);
        Uri endpoint = new Route(StreamKind.Text).OpenAI(new Uri("http://127.0.0.1"));
        _address = new Uri(endpoint, dialect.Path);
        Client = FastClient.Create(h =>
        {
            dialect.Register(h, endpoint, _handler);
            configure?.Invoke(h);
        });
    }

    internal FastClient Client { get; }

    internal static InMemoryClient Plain(Dialect dialect, Action<HarborBuilder>? configure = null) => new(dialect, dialect.Answers.Plain, "application/json", configure);

    internal static InMemoryClient Stream(Dialect dialect, StreamKind kind, Action<HarborBuilder>? configure = null) =>
        new(dialect, [.. dialect.Answers.StreamOf(kind).SelectMany(write => write)], "text/event-stream", configure);

    internal async Task BareAsync(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
        using HttpResponseMessage response = await _invoker.SendAsync(request, CancellationToken.None);
        using Stream stream = await response.Content.ReadAsStreamAsync();
        while (await stream.ReadAsync(_buffer) > 0)
        {
            // Only moved, not looked at.
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        _invoker.Dispose();
        _handler.Dispose();
    }
}
