using HarborClient.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HarborClient.DependencyInjection;

/// <summary>Warms a client's cache up while its host runs. The host starts and stops it once.</summary>
internal sealed class CacheWarmupService(FastClient client, Action<CacheWarmupOptions> configure, ILogger logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<CacheSchedule> _schedules = [];
    private Task _warming = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = new CacheWarmupOptions();
        configure(options);

        // Its arguments are checked here: what cannot be stops the start.
        Task<CacheWarmResult>? warming = options.Requests.Count > 0 ? client.Cache.WarmAsync(options.Requests, null, options.MaxConcurrency, _stop.Token) : null;
        try
        {
            foreach (CacheWarmupOptions.Scheduled scheduled in options.Schedules) _schedules.Add(client.Cache.ScheduleRefresh(scheduled.Request, scheduled.Every, scheduled.Priority));
        }
        catch
        {
            await StopAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
        finally
        {
            if (warming is not null) _warming = TellAsync(warming, options.Requests.Count);
        }

        if (options.HoldsStart) await _warming.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        IEnumerable<Task> ends = _schedules.Select(schedule => schedule.DisposeAsync().AsTask()).Append(_warming);
        await Task.WhenAll(ends).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Never throws.</summary>
    private async Task TellAsync(Task<CacheWarmResult> warming, int total)
    {
        try
        {
            CacheWarmResult result = await warming.ConfigureAwait(false);
            Log.WarmedUp(logger, result.Done, total);
            if (result.Failures is [var first, ..]) Log.WarmUpFailed(logger, result.Failures.Count, total, first.Request.Name, first.Error);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The host stops before the end.
        }
        catch (Exception e)
        {
            Log.WarmUpBroken(logger, e);
        }
    }
}
