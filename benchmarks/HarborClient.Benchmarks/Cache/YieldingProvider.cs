using HarborClient.Benchmarks.Quick;

namespace HarborClient.Benchmarks.Cache;

/// <summary>A provider in memory that answers on another thread, as one beyond a network does: a call that never waits would pay for waiting only where Redis is asked.</summary>
internal sealed class YieldingProvider(KeptText answer) : DelegatingHandler(new FixedHandler(answer.Events, "text/event-stream"))
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return await base.SendAsync(request, cancellationToken);
    }
}
