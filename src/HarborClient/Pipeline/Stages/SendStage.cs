using System.Net;
using System.Runtime.CompilerServices;
using HarborClient.Errors;
using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Telemetry;
using HarborClient.Transport;

namespace HarborClient.Pipeline.Stages;

// Hot path: one per attempt.

/// <summary>The innermost stage: writes the request, sends it, and returns when the first piece of the answer is buffered. Everything that fails before that is thrown from here.</summary>
internal sealed class SendStage(Dictionary<string, Provider> providers) : PipelineStage(null!)
{
    /// <summary>How much of an error's body is read. What a handler buffers, and what leaving the rest reads, fits into 64 KiB with it.</summary>
    private const int MaxErrorBytes = (64 << 10) - (2 * HttpExchange.LeavingBytes);

    /// <summary>How long an error's body is waited for, so that a host that stalls in it does not hold up the failover.</summary>
    private static readonly TimeSpan ErrorBodyWait = TimeSpan.FromSeconds(5);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<UpdateReader> OpenAsync(Call call)
    {
        Target target = call.Target ?? throw new InvalidOperationException("Send works on an attempt: a stage outside it has to call BeginAttempt.");
        Provider provider = providers[target.Provider];
        call.EnterRoute();
        if (AttemptMetrics.IsWanted) call.OnCompleted(AttemptMetrics.Instance);
        AnswerReader? reader = null;
        try
        {
            call.StreamsUpstream = provider.Streams(call);
            HttpExchange exchange = await SendAsync(call, provider).ConfigureAwait(false);
            reader = new AnswerReader(call, provider, exchange);
            if (!exchange.IsSuccess) throw await ReadErrorAsync(call, provider, exchange).ConfigureAwait(false);
            await reader.OpenAsync().ConfigureAwait(false);
            return reader;
        }
        catch (Exception e)
        {
            Exception translated = AttemptErrors.Translate(call, provider, e, reader?.ContentType);
            reader?.Close();
            if (ReferenceEquals(translated, e)) throw;
            throw translated;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<HttpExchange> SendAsync(Call call, Provider provider)
    {
        // Owner: this method until the transport takes it over.
        var body = new PooledBody(call.Services.Counters, RequestBody.InitialBytes);
        HttpRequestMessage request;
        try
        {
            call.Body = body;
            RequestBody.Write(call, provider, body);
            if (call.Services.Spending is not null) body = await RequestBody.AdmitAsync(call, provider, body).ConfigureAwait(false);
            if (call.Request.ShadowStart is { } start) await start.ConfigureAwait(false);
            request = await provider.CreateRequestAsync(call, PooledBodyContent.Of(body)).ConfigureAwait(false);
        }
        catch
        {
            body.Release();
            throw;
        }

        if (call.StreamsUpstream) call.Clocks.Start(HarborClock.FirstUpdate, FirstUpdateLimit(call, provider));
        call.WasSent = true;
        HttpExchange exchange = await provider.TransportTo(call.Target!).SendAsync(request, body, call.Clocks.Token).ConfigureAwait(false);
        call.StatusCode = exchange.Status;
        call.RequestId = provider.RequestIdOf(exchange, call);
        call.OnAccepted();
        if (call.Route!.Limiter.WantsRates() && provider.TryReadRateLimits(exchange, call, out Limits.RateLimitFacts rates)) call.Route.Limiter.OnRateLimits(rates);
        return exchange;
    }

    private static TimeSpan FirstUpdateLimit(Call call, Provider provider) =>
        call.Settings.FirstUpdateTimeout ?? call.Services.Clocks.FirstUpdateFor(provider.Thinks(call));

    private static async ValueTask<HarborException> ReadErrorAsync(Call call, Provider provider, HttpExchange exchange)
    {
        if ((int)exchange.Status is >= 300 and < 400 and not (int)HttpStatusCode.NotModified)
            return ErrorFactory.Redirected(exchange.Status, exchange.Headers.Location, call.Target!.Endpoint);
        var buffer = new PooledBuffer(call.Services.Counters, 4096);
        try
        {
            try
            {
                call.Clocks.Start(HarborClock.Idle, ErrorBodyWait);
                Stream body = await exchange.OpenBodyAsync(call.Clocks.Token).ConfigureAwait(false);
                await BodyReader.ReadStartAsync(body, buffer, MaxErrorBytes, call.Clocks.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException or InvalidOperationException or HarborException
                || (e is OperationCanceledException && call.Clocks.Expired == HarborClock.Idle))
            {
                // The status is known and says enough; a body that breaks off or stalls only takes the details away.
            }

            return provider.ReadError(call, exchange, buffer.Span);
        }
        finally
        {
            buffer.Return();
        }
    }
}
