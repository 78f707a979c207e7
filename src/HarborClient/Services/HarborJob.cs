using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Services;

namespace HarborClient;

/// <summary>A job of minutes at a provider: it goes on there whether or not anybody watches. <see cref="Model"/> and <see cref="Id"/> find it again, also from another process.</summary>
/// <typeparam name="TResult">What it makes.</typeparam>
/// <remarks>Thread-safe. It holds nothing that has to be disposed, and needs the client that made it.</remarks>
public sealed class HarborJob<TResult> where TResult : class
{
    /// <summary>A look is a small request; one that takes longer than this is given up and made again.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(1);

    private readonly JobSource<TResult> _source;

    internal HarborJob(string id, string model, JobSource<TResult> source)
    {
        Id = id;
        Model = model;
        _source = source;
    }

    /// <summary>The job's id at its provider.</summary>
    public string Id { get; }

    /// <summary>Where it runs, as <c>provider/model</c>.</summary>
    public string Model { get; }

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Cancels the look, not the job.</param>
    /// <returns>How the job stands.</returns>
    /// <exception cref="HarborJobException">The look failed.</exception>
    public async Task<JobProgress> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        long began = _source.Services.Time.GetTimestamp();
        try
        {
            (JobAnswer answer, _) = await _source.LookAsync(LongestLook, cancellationToken).ConfigureAwait(false);
            return new JobProgress(Id, answer.Status, answer.Word, _source.Services.Time.GetElapsedTime(began));
        }
        catch (HarborException e)
        {
            throw NotSeen(e);
        }
    }

    /// <summary>Waits for the result: looks at once, then with growing pauses. A look that fails in passing is made again.</summary>
    /// <param name="progress">Told of every look that succeeded, and of the job's id before the first.</param>
    /// <param name="cancellationToken">Ends the waiting, not the job.</param>
    /// <returns>The result. Links in it expire: fetch at once.</returns>
    /// <exception cref="HarborJobException">The job failed, or <see cref="JobOptions.Timeout"/> ran out, or looking at it fails for good.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; the job goes on.</exception>
    public async Task<TResult> WaitAsync(IProgress<JobProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        CallServices services = _source.Services;
        JobOptions options = _source.Options;
        long began = services.Time.GetTimestamp();
        TimeSpan interval = options.PollInterval;
        progress?.Report(new JobProgress(Id, JobStatus.Running, null, TimeSpan.Zero));
        while (true)
        {
            TimeSpan pause = interval;
            HarborException? trouble = null;
            try
            {
                (JobAnswer answer, TResult? result) = await _source.LookAsync(Least(LongestLook, Left(began)), cancellationToken).ConfigureAwait(false);
                progress?.Report(new JobProgress(Id, answer.Status, answer.Word, services.Time.GetElapsedTime(began)));
                if (answer.Status == JobStatus.Succeeded) return result ?? throw JobErrors.NoResult(Model, Id);
                if (answer.Status == JobStatus.Failed) throw JobErrors.Failed(Model, Id, answer);
            }
            catch (HarborException e) when (e is not HarborJobException)
            {
                if (!MayPass(e)) throw NotSeen(e);
                trouble = e;
                if (e.RetryAfter > pause) pause = e.RetryAfter.Value;
            }

            TimeSpan left = Left(began);
            if (left > TimeSpan.Zero) await PauseAsync(Least(pause, left), cancellationToken).ConfigureAwait(false);
            if (Left(began) <= TimeSpan.Zero) throw JobErrors.OutOfTime(Model, Id, options.Timeout, Shown(trouble));
            interval = Least(interval * 1.5, options.MaxPollInterval);
        }
    }

    /// <summary>Whether the next look may succeed. A host that is down for a while does not lose the job.</summary>
    private static bool MayPass(HarborException error) =>
        error.IsTransient || error.Kind is ErrorKind.Network or ErrorKind.Timeout or ErrorKind.Overloaded or ErrorKind.RateLimited or ErrorKind.Interrupted;

    private HarborJobException NotSeen(HarborException error) => JobErrors.NotSeen(Model, Id, Shown(error)!);

    /// <summary>A look has sent no prompt, so nobody has looked for one in what its host wrote.</summary>
    private HarborException? Shown(HarborException? error)
    {
        if (_source.Prompts.Length > 0) error?.Scrub(new SecretScrubber([], _source.Prompts, default, Model));
        return error;
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan Left(long began) => _source.Options.Timeout == Timeout.InfiniteTimeSpan
        ? TimeSpan.MaxValue
        : _source.Options.Timeout - _source.Services.Time.GetElapsedTime(began);

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _source.Services.Shutdown);
        try
        {
            await Task.Delay(pause, _source.Services.Time, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException("The waiting was cancelled by its caller; the job goes on.", e, cancellationToken);
            ErrorFactory.ThrowDisposed();
        }
    }
}
