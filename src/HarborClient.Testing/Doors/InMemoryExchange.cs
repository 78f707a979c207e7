using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Doors;

// A request that never touches a socket, with the exceptions that SocketsHttpHandler would throw.
#pragma warning disable CA1001 // The client owns the body through its response; the source has no timer, and a late Dispose of the body still cancels it.
internal sealed class InMemoryExchange : IExchange
#pragma warning restore CA1001
{
    private readonly HttpRequestMessage _request;
    private readonly InlineSignal<HttpResponseMessage> _response = new();
    private readonly InMemoryReplyStream _body;
    private readonly CancellationTokenSource _clientGone = new();

    public InMemoryExchange(HttpRequestMessage request)
    {
        _request = request;
        _body = new InMemoryReplyStream(_clientGone.Cancel);
        Head = ReadHead(request);
    }

    public RequestHead Head { get; }

    public CancellationToken ClientGone => _clientGone.Token;

    // Awaited once, by the handler.
    public ValueTask<HttpResponseMessage> Response => _response.WaitAsync();

    public void CancelSend(CancellationToken token)
    {
        _clientGone.Cancel();
        _response.TrySetException(new TaskCanceledException(null, null, token));
    }

    public async Task<byte[]> ReadBodyAsync(InlineSignal<bool>? gate, BodyPace? pace)
    {
        if (_request.Content is null) return [];
        using var taken = new RequestBodyStream(gate, pace, ClientGone);
        await _request.Content.CopyToAsync(taken, ClientGone).ConfigureAwait(false);
        return taken.ToArray();
    }

    public ValueTask SendHeadersAsync(int statusCode, HeaderList headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)statusCode) { RequestMessage = _request, Content = new StreamContent(_body) };
        foreach ((string name, string value) in headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value)) response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        _response.TrySetResult(response);
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isLast) => _body.SendAsync(bytes, isLast);

    public ValueTask EndAsync()
    {
        _body.End();
        return ValueTask.CompletedTask;
    }

    public ValueTask BreakOffAsync(WireActionKind how)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"{_request.RequestUri!.Host}:{_request.RequestUri.Port}");
        Exception inner = how switch
        {
            WireActionKind.Refuse => new SocketException((int)SocketError.ConnectionRefused),
            WireActionKind.NameNotResolved => new SocketException((int)SocketError.HostNotFound),
            WireActionKind.TlsFailure => new AuthenticationException("The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch"),
            WireActionKind.HangUp => new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely."),
            _ => ConnectionReset(),
        };
        HttpRequestException outer = how switch
        {
            WireActionKind.Refuse => new HttpRequestException(HttpRequestError.ConnectionError, $"{inner.Message} ({address})", inner),
            WireActionKind.NameNotResolved => new HttpRequestException(HttpRequestError.NameResolutionError, $"{inner.Message} ({address})", inner),
            WireActionKind.TlsFailure => new HttpRequestException(
                HttpRequestError.SecureConnectionError, "The SSL connection could not be established, see inner exception.", inner),
            _ => new HttpRequestException(HttpRequestError.Unknown, "An error occurred while sending the request.", inner),
        };
        if (!_response.TrySetException(outer)) _body.Break(inner);
        return ValueTask.CompletedTask;
    }

    public ValueTask FailAsync(Exception exception)
    {
        if (!_response.TrySetException(exception)) _body.Break(exception);
        return ValueTask.CompletedTask;
    }

    private static IOException ConnectionReset()
    {
        var reset = new SocketException((int)SocketError.ConnectionReset);
        return new IOException($"Unable to read data from the transport connection: {reset.Message}.", reset);
    }

    private static RequestHead ReadHead(HttpRequestMessage request)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } uri) throw new InvalidOperationException("The request needs an absolute address.");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["host"] = uri.Authority };
        foreach ((string name, HeaderStringValues values) in request.Headers.NonValidated)
        {
            headers[name] = values.ToString();
        }

        if (request.Content is { } content)
        {
            _ = content.Headers.ContentLength; // Reading it makes the content compute it, as the real handler does.
            foreach ((string name, HeaderStringValues values) in content.Headers.NonValidated)
            {
                headers[name] = values.ToString();
            }
        }

        return new RequestHead(request.Method.Method, uri.PathAndQuery, string.Create(CultureInfo.InvariantCulture, $"HTTP/{request.Version}"), headers);
    }
}
