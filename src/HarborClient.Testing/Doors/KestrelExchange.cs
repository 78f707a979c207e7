using System.Text;
using HarborClient.Testing.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace HarborClient.Testing.Doors;

// A request that came in on a socket.
internal sealed class KestrelExchange : IExchange, IDisposable
{
    // A reset overtakes written bytes that the kernel still holds; real time, because no clock of ours moves the kernel.
    private static readonly TimeSpan SettleBeforeReset = TimeSpan.FromMilliseconds(50);

    private readonly HttpContext _context;
    private readonly CancellationTokenSource _clientGone;

    public KestrelExchange(HttpContext context, CancellationToken stopping)
    {
        _context = context;
        _clientGone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        Head = ReadHead(context.Request);
    }

    public RequestHead Head { get; }

    public CancellationToken ClientGone => _clientGone.Token;

    public void Dispose() => _clientGone.Dispose();

    public async Task<byte[]> ReadBodyAsync(InlineSignal<bool>? gate)
    {
        if (gate is not null)
        {
            await gate.WaitAsync(ClientGone).ConfigureAwait(false);
        }

        using var body = new MemoryStream();
        try
        {
            await _context.Request.Body.CopyToAsync(body, ClientGone).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            // Kestrel may notice the broken body before it notices that the client has gone.
            throw new ClientLeftException(exception);
        }

        return body.ToArray();
    }

    public async ValueTask SendHeadersAsync(int statusCode, HeaderList headers)
    {
        _context.Response.StatusCode = statusCode;
        foreach (var (name, value) in headers)
        {
            _context.Response.Headers.Append(name, value);
        }

        await _context.Response.Body.FlushAsync(ClientGone).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        await _context.Response.Body.WriteAsync(bytes, ClientGone).ConfigureAwait(false);
        await _context.Response.Body.FlushAsync(ClientGone).ConfigureAwait(false);
    }

    public async ValueTask EndAsync() => await _context.Response.CompleteAsync().ConfigureAwait(false);

    public async ValueTask BreakOffAsync(WireActionKind how)
    {
        if (_context.Response.HasStarted)
        {
            await VirtualDelay.WaitAsync(TimeProvider.System, SettleBeforeReset, CancellationToken.None).ConfigureAwait(false);
        }

        _context.Abort();
    }

    public async ValueTask FailAsync(Exception exception)
    {
        if (_context.Response.HasStarted)
        {
            _context.Abort();
            return;
        }

        _context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        await _context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"The emulator's script failed: {exception.Message}")).ConfigureAwait(false);
    }

    private static RequestHead ReadHead(HttpRequest request)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Headers)
        {
            headers[name] = values.ToString();
        }

        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return new RequestHead(request.Method, target, request.Protocol, headers);
    }
}
