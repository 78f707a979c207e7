using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Mid-stream recovery by starting over: when an answer breaks, the next target answers again. As long as the new answer repeats what the caller
/// already has, it is swallowed; where it goes on beyond that, the seam is invisible; where it differs, one <see cref="HarborUpdateKind.Restart"/>
/// tells the caller to discard, and the new answer follows from its beginning. A plain call has shown nothing, so it only starts over.
/// </summary>
internal sealed class RestartReader(FailoverStage failover, Call call, IReadOnlyList<Target> targets, OpenAttempt open) : UpdateReader
{
    private OpenAttempt _open = open;
    private HarborUpdate _current;

    // While a new answer repeats the old one: what the caller has, and how much of it the new answer has repeated.
    private SeamMatcher? _seam;

    // After a visible restart: what the new answer had said before it differed, still to be handed out.
    private Queue<HarborUpdate>? _replay;
    private HarborException? _cause;
    private ChatResponse? _shown;

    public override ref readonly HarborUpdate Current => ref _current;

    internal override Call? Source => _open.Reader.Source;

    public override async ValueTask<bool> ReadAsync()
    {
        if (_replay is not null && TakeReplay()) return true;
        while (true)
        {
            bool hasMore;
            try
            {
                hasMore = await _open.Reader.ReadAsync().ConfigureAwait(false);
            }
            catch (StreamInterruptedException e) when (CanRestart(e))
            {
                await RestartAsync(e).ConfigureAwait(false);
                continue;
            }
            catch (StreamInterruptedException e) when (_seam is not null)
            {
                // This answer broke while it was still repeating: the caller has more than it said.
                throw ErrorFactory.Interrupted(_shown!, e.InnerException ?? e);
            }

            if (_seam is null)
            {
                if (hasMore) _current = _open.Reader.Current;
                return hasMore;
            }

            switch (hasMore ? _seam.Match(_open.Reader.Current, out _current) : _seam.MatchEnd())
            {
                case SeamResult.Repeated when hasMore:
                    continue;
                case SeamResult.Repeated:
                    return false;
                case SeamResult.Beyond:
                    if (_seam.IsPassed) _seam = null;
                    return true;
                default:
                    BeginReplay();
                    return TakeReplay();
            }
        }
    }

    public override ValueTask DisposeAsync() => _open.Reader.DisposeAsync();

    /// <summary>Only where another target and time are left.</summary>
    private bool CanRestart(StreamInterruptedException error) =>
        _open.Position + 1 < targets.Count && !call.IsPastDeadline && error.InnerException is not HarborTimeoutException { Clock: HarborClock.Total };

    private async ValueTask RestartAsync(StreamInterruptedException broken)
    {
        int next = _open.Position + 1;
        Log.Restarted(call.Services.Logger, targets[_open.Position].Name, (broken.InnerException as HarborException)?.Kind ?? ErrorKind.Interrupted, targets[next].Name, broken.Message);
        if (_seam is null) _shown = broken.Partial;
        SeamMatcher delivered = _seam?.Again() ?? new SeamMatcher(_open.Attempt.Fold);
        try
        {
            _open = await failover.OpenFromAsync(call, targets, next).ConfigureAwait(false);
        }
        catch (HarborException e)
        {
            throw ErrorFactory.Interrupted(_shown!, e);
        }

        _cause = broken;
        if (call.IsStreaming) _seam = delivered;
        else call.NotifyRestart();
    }

    /// <summary>The seam shows: the caller starts over with everything the new answer has said so far.</summary>
    private void BeginReplay()
    {
        call.NotifyRestart();
        _seam = null;
        _replay = new Queue<HarborUpdate>();
        _replay.Enqueue(new HarborUpdate(HarborUpdateKind.Restart, _cause!));
        foreach (HarborUpdate update in SeamMatcher.WholeOf(_open.Attempt.Fold)) _replay.Enqueue(update);
    }

    private bool TakeReplay()
    {
        if (_replay!.TryDequeue(out _current)) return true;
        _replay = null;
        return false;
    }
}
