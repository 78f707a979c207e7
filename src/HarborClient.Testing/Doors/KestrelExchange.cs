using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using HarborClient.Testing.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace HarborClient.Testing.Doors;

// A request that came in on a socket.
internal sealed class KestrelExchange : IExchange, IDisposable
{
    // The kernel has what was written (see EmulatorServer), but a reset overtakes what the client has not read from there yet. Real time, because no clock
    // of ours moves the kernel, and only a courtesy: a client that is slower than this loses the end of what was sent, as with any reset.
    private static readonly TimeSpan SettleBeforeReset = TimeSpan.FromMilliseconds(50);

    private readonly HttpContext _context;
    private readonly CancellationTokenSource _clientGone;
    private bool _isBodyHeld;

    public KestrelExchange(HttpContext context, CancellationToken stopping)
    {
        _context = context;
        _clientGone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        Head = ReadHead(context.Request);
    }

    public RequestHead Head { get; }

    public CancellationToken ClientGone => _clientGone.Token;

    public void Dispose() => _clientGone.Dispose();

    public async Task<byte[]> ReadBodyAsync(InlineSignal<bool>? gate, BodyPace? pace)
    {
        if (gate is not null)
        {
            _isBodyHeld = true;
            await gate.WaitAsync(ClientGone).ConfigureAwait(false);
            _isBodyHeld = false;
        }

        try
        {
            return await TakeBodyAsync(_context.Request.BodyReader, pace).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            // Kestrel may notice the broken body before it notices that the client has gone.
            throw new ClientLeftException(exception);
        }
    }

    public async ValueTask SendHeadersAsync(int statusCode, HeaderList headers)
    {
        _context.Response.StatusCode = statusCode;
        foreach ((string name, string value) in headers)
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
        // Kestrel closes a connection whose response stayed below its announced length: in order, after all its bytes. Only a request that is still
        // held would keep it from getting there.
        if (how == WireActionKind.HangUp && !_isBodyHeld) return;
        if (_context.Response.HasStarted) await VirtualDelay.WaitAsync(TimeProvider.System, SettleBeforeReset, CancellationToken.None).ConfigureAwait(false);
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

    private async Task<byte[]> TakeBodyAsync(PipeReader reader, BodyPace? pace)
    {
        using var body = new MemoryStream();
        while (true)
        {
            ReadResult read = await reader.ReadAsync(ClientGone).ConfigureAwait(false);
            if (read.Buffer.IsEmpty && read.IsCompleted)
            {
                // A read that is left open would cost the connection its next request.
                reader.AdvanceTo(read.Buffer.End);
                return body.ToArray();
            }

            // What is left stays in Kestrel's hands, which stops reading from the socket once its own buffer is full.
            long taken = pace is null ? read.Buffer.Length : await pace.NextReadAsync(read.Buffer.Length, ClientGone).ConfigureAwait(false);
            ReadOnlySequence<byte> bytes = read.Buffer.Slice(0, taken);
            foreach (ReadOnlyMemory<byte> piece in bytes) body.Write(piece.Span);
            reader.AdvanceTo(bytes.End);
        }
    }

    private static RequestHead ReadHead(HttpRequest request)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, StringValues values) in request.Headers)
        {
            headers[name] = values.ToString();
        }

        string target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return new RequestHead(request.Method, target, request.Protocol, headers);
    }
}
