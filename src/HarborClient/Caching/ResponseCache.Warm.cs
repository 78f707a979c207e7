using HarborClient.Caching;
using HarborClient.Errors;

namespace HarborClient;

/// <content>What is there before somebody asks.</content>
public sealed partial class ResponseCache
{
    private const int MostConcurrent = 1_000;

    private readonly RefreshSchedules _schedules;

    /// <summary>The scheduled refreshes that have not been stopped.</summary>
    /// <value>A new snapshot each time, in the order in which they were made.</value>
    public IReadOnlyList<CacheSchedule> Schedules => _schedules.All;

    /// <summary>How chats are asked.</summary>
    internal AskToKeep Ask { get; set; } = static (_, _, _, _, _, _) => throw new InvalidOperationException("Nobody has told the cache how to ask.");

    /// <summary>How texts are embedded.</summary>
    internal EmbedToKeep Embed { get; set; } = static (_, _, _, _, _, _) => throw new InvalidOperationException("Nobody has told the cache how to ask.");

    /// <summary>Has requests answered, so that those who ask later find the answers. One that is kept already costs a look-up; one that fails does not stop the others.</summary>
    /// <param name="requests">What to have; enumerated once, at the beginning.</param>
    /// <param name="progress">Is told after each request. What it throws ends the warm-up.</param>
    /// <param name="maxConcurrency">How many are asked at the same time: 1 to 1,000.</param>
    /// <param name="cancellationToken">Stops the warm-up and the requests that are under way; what is kept by then stays.</param>
    /// <returns>How many are kept, and which failed and why.</returns>
    /// <remarks>
    /// Chats are calls like all others, within limits and clocks. Where their options do not say otherwise they have <see cref="CallPriority.Background"/>; they are kept as with
    /// <see cref="CachePolicy.Always"/>, or asked anew where the options say <see cref="CachePolicy.Refresh"/>. One whose mode or content keeps no answer counts as failed.
    /// </remarks>
    /// <exception cref="HarborException"><paramref name="maxConcurrency"/> is out of its bounds (<see cref="ErrorKind.InvalidRequest"/>).</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public Task<CacheWarmResult> WarmAsync(
        IEnumerable<CacheRequest> requests, IProgress<CacheWarmProgress>? progress = null, int maxConcurrency = 4, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (maxConcurrency is < 1 or > MostConcurrent) throw ErrorFactory.Setting(ErrorKind.InvalidRequest, FormattableString.Invariant($"maxConcurrency must be 1 to {MostConcurrent:N0} (was {maxConcurrency:N0})."));
        CacheRequest[] all = [.. requests];
        if (Array.Exists(all, request => request is null)) throw new ArgumentException("One of the requests is null.", nameof(requests));
        return RunWarmAsync(all, progress, maxConcurrency, cancellationToken);
    }

    /// <summary>Has a request asked anew again and again, so that those who ask find its answer: for the first time now, then at an interval.</summary>
    /// <param name="request">What to have. Where it says no time to live, what it makes is kept for twice the interval, so that one failure leaves no gap.</param>
    /// <param name="every">The interval: a whole number of seconds, minutes, hours or days, as in <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>1d</c>; 1 s to 30 days.</param>
    /// <param name="priority">That of a chat whose options say none.</param>
    /// <returns>The schedule: disposing it ends it, and so does the client's disposal.</returns>
    /// <remarks>
    /// Two runs of a schedule never overlap: one that takes longer than the interval skips the times it has missed. What fails is logged and told in <see cref="CacheSchedule.Status"/>, and the
    /// schedule goes on. A process counts its own times; where several have the same schedule, each of them asks.
    /// </remarks>
    /// <exception cref="HarborException">The interval cannot be, or there are 1,000 schedules already (<see cref="ErrorKind.InvalidRequest"/>).</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public CacheSchedule ScheduleRefresh(CacheRequest request, string every, CallPriority priority = CallPriority.Background) => ScheduleRefresh(request, RefreshInterval.Parse(every), priority);

    /// <inheritdoc cref="ScheduleRefresh(CacheRequest, string, CallPriority)"/>
    /// <param name="request">What to have. Where it says no time to live, what it makes is kept for twice the interval, so that one failure leaves no gap.</param>
    /// <param name="every">The interval: 1 s to 30 days.</param>
    /// <param name="priority">That of a chat whose options say none.</param>
    public CacheSchedule ScheduleRefresh(CacheRequest request, TimeSpan every, CallPriority priority = CallPriority.Background)
    {
        ArgumentNullException.ThrowIfNull(request);
        RefreshInterval.Check(every);
        SettingCheck.Defined<CallPriority>(priority, nameof(priority), ErrorKind.InvalidRequest);
        TimeSpan ttl = 2 * every;
        OwnEntry? own = request.Own?.WithTtl(ttl);
        return _schedules.Add(request.Name, every, () => MakeAsync(request, own, priority, isNew: true, ttl, CancellationToken.None).AsTask());
    }

    /// <summary>Ends all scheduled refreshes.</summary>
    /// <param name="cancellationToken">Ends the wait for runs that are under way; none begins any more in any case.</param>
    /// <returns>A task that completes when none runs any more.</returns>
    public Task StopAllAsync(CancellationToken cancellationToken = default) => _schedules.StopAllAsync().WaitAsync(cancellationToken);

    /// <summary>Lets nothing more begin, and releases who waits for a function. What runs is waited for by <see cref="DisposeAsync"/>.</summary>
    internal void Stop()
    {
        _schedules.Stop();
        _own.Stop();
    }

    private async Task<CacheWarmResult> RunWarmAsync(CacheRequest[] requests, IProgress<CacheWarmProgress>? progress, int maxConcurrency, CancellationToken cancellationToken)
    {
        if (_own.IsStopped) ErrorFactory.ThrowDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var warmUp = new WarmUp(requests.Length, progress);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = maxConcurrency, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForEachAsync(requests, parallel, async (request, token) =>
            {
                Exception? error = null;
                try
                {
                    await MakeAsync(request, request.Own, CallPriority.Background, isNew: false, null, token).ConfigureAwait(false);
                }
                catch (Exception e) when (!token.IsCancellationRequested && !_own.IsStopped)
                {
                    error = e;
                }

                warmUp.Add(request, error);
            }).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whatever the requests under way ended with.
            throw new OperationCanceledException(cancellationToken);
        }

        return warmUp.Result;
    }

    private async ValueTask MakeAsync(CacheRequest request, OwnEntry? own, CallPriority priority, bool isNew, TimeSpan? ttl, CancellationToken cancellationToken)
    {
        if (own is not null) await MakeOwnAsync(own, isNew, cancellationToken).ConfigureAwait(false);
        else if (request.Texts is { } texts) await Embed(texts, request.EmbeddingOptions, priority, isNew, ttl, cancellationToken).ConfigureAwait(false);
        else await Ask(request.Messages!, request.Options, priority, isNew, ttl, cancellationToken).ConfigureAwait(false);
    }
}
