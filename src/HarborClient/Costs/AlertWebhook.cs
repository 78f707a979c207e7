using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Costs;

/// <summary>Posts alerts to an address, one after the other, and signs them. Posting waits for nothing. Thread-safe.</summary>
internal sealed class AlertWebhook : IAsyncDisposable
{
    internal const string SignatureHeader = "X-HarborClient-Signature";

    private const int MostWaiting = 100;
    private const int Tries = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly Channel<byte[]> _bodies = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Uri _address;
    private readonly byte[] _secret;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly Task _loop;

    internal AlertWebhook(AlertOptions options, TimeProvider time, ILogger logger, CancellationToken shutdown)
    {
        (_address, _secret, _time, _logger) = (options.Webhook!, Encoding.UTF8.GetBytes(options.WebhookSecret!), time, logger);
        _http = new HttpClient(options.CallersHandler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, options.CallersHandler is null)
        {
            // Each try has a clock of its own, of the client's time.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _loop = RunAsync(shutdown);
    }

    internal void Post(CostAlert alert)
    {
        if (!_bodies.Writer.TryWrite(AlertJson.Write(alert))) Log.AlertNotPosted(_logger, alert.Kind, _address.Host, "too many wait");
    }

    /// <summary>The client's token has ended the posting before.</summary>
    public async ValueTask DisposeAsync() => await _loop.WaitAsync(LongestStop, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task RunAsync(CancellationToken shutdown)
    {
        try
        {
            await foreach (byte[] body in _bodies.Reader.ReadAllAsync(shutdown).ConfigureAwait(false)) await PostAsync(body, shutdown).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client ends.
        }
        finally
        {
            _http.Dispose();
        }
    }

    private async Task PostAsync(byte[] body, CancellationToken shutdown)
    {
        TimeSpan pause = FirstPause;
        for (int i = 1; ; i++, pause *= 2)
        {
            (string? failure, bool mayHelp) = await TryPostAsync(body, shutdown).ConfigureAwait(false);
            if (failure is null) return;
            if (!mayHelp || i == Tries)
            {
                Log.AlertNotTaken(_logger, _address.Host, i, failure);
                return;
            }

            await Task.Delay(pause, _time, shutdown).ConfigureAwait(false);
        }
    }

    /// <returns>What went wrong, and whether another try may help.</returns>
    private async Task<(string? Failure, bool MayHelp)> TryPostAsync(byte[] body, CancellationToken shutdown)
    {
        using var clock = new CancellationTokenSource(LongestTry, _time);
        using var token = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, shutdown);
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation(SignatureHeader, Sign(body));
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return (null, false);
            bool mayHelp = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
            return (FormattableString.Invariant($"status {(int)response.StatusCode}"), mayHelp);
        }
        catch (OperationCanceledException) when (!shutdown.IsCancellationRequested)
        {
            return ($"no answer within {LongestTry}", true);
        }
        catch (HttpRequestException e)
        {
            // Not its message: that may hold the address.
            return ($"no connection ({e.HttpRequestError})", true);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A handler of the caller's may throw anything, and the next alert is to be posted all the same.
            return ($"its handler threw a {e.GetType().Name}", true);
        }
    }

    private string Sign(byte[] body)
    {
        string seconds = FormattableString.Invariant($"{_time.GetUtcNow().ToUnixTimeSeconds()}");
        byte[] signed = [.. Encoding.UTF8.GetBytes(seconds), (byte)'.', .. body];
        byte[] hash = HMACSHA256.HashData(_secret, signed);
        return $"t={seconds},v1={Convert.ToHexStringLower(hash)}";
    }
}
