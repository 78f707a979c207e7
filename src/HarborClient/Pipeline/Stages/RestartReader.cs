using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

// Hot path: every update of a plain call that is streamed upstream. While no answer has broken, what is buffered is handed on synchronously.

/// <summary>
/// Mid-stream recovery by starting over: when an answer breaks, the next target answers again. As long as the new answer repeats what the caller
/// already has, it is swallowed; where it goes on beyond that, the seam is invisible; where it differs, one <see cref="HarborUpdateKind.Restart"/>
/// tells the caller to discard, and the new answer follows from its beginning. A plain call has shown nothing, so it only starts over.
/// </summary>
internal sealed class RestartReader(FailoverStage failover, Call call, UpdateReader open) : UpdateReader
{
    private UpdateReader _open = open;
    private HarborUpdate _current;

    // While a new answer repeats the old one: what the caller has, and how much of it the new answer has repeated.
    private SeamMatcher? _seam;

    // What the new answer has said meanwhile, as its reader delivered it. Owner: this reader, until the seam is passed or the replay is over.
    private AnswerFold? _repeated;

    // What was handed out, where a stage changes what the attempt's own fold holds. Owner: this reader, until it ends or starts over.
    private AnswerFold? _given;

    // After a visible restart: what the new answer had said before it differed, still to be handed out.
    private Queue<HarborUpdate>? _replay;
    private HarborException? _cause;
    private ChatResponse? _shown;

    public override ref readonly HarborUpdate Current => ref _current;

    internal override Call? Source => _open.Source;

    public override ValueTask<bool> ReadAsync()
    {
        if (_replay is not null && TakeReplay()) return new ValueTask<bool>(Hand());
        ValueTask<bool> read = _open.BeginRead();
        return _seam is null && read.IsCompletedSuccessfully ? new ValueTask<bool>(Take(read.Result)) : ReadOnAsync(read);
    }

    public override ValueTask DisposeAsync()
    {
        End();
        return _open.DisposeAsync();
    }

    /// <summary>Where nothing is being repeated, the caller gets what the reader has read.</summary>
    private bool Take(bool hasMore)
    {
        if (!hasMore) return End();
        _current = _open.Current;
        return Hand();
    }

    /// <summary>From a read that has begun to the next update that the caller has not got yet.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadOnAsync(ValueTask<bool> read)
    {
        while (true)
        {
            bool hasMore;
            try
            {
                hasMore = await read.ConfigureAwait(false);
            }
            catch (StreamInterruptedException e) when (failover.CanStartOver(call, e, out Target? again, out TimeSpan wait))
            {
                await RestartAsync(e, again, wait).ConfigureAwait(false);
                if (_replay is not null && TakeReplay()) return Hand();
                read = _open.BeginRead();
                continue;
            }
            catch (StreamInterruptedException e) when (_seam is not null)
            {
                // This answer broke while it was still repeating: the caller has more than it said.
                throw ErrorFactory.Interrupted(_shown!, e.InnerException ?? e);
            }

            if (_seam is null) return Take(hasMore);
            if (hasMore) (_repeated ??= new AnswerFold(call.Services.Counters)).Append(_open.Current);
            switch (hasMore ? _seam.Match(_open.Current, out _current) : _seam.MatchEnd())
            {
                case SeamResult.Repeated when !hasMore:
                    return End();
                case SeamResult.Repeated:
                    if (_seam.IsPassed) PassSeam();
                    break;
                case SeamResult.Beyond:
                    if (_seam.IsPassed) PassSeam();
                    return Hand();
                default:
                    BeginReplay();
                    TakeReplay();
                    return Hand();
            }

            read = _open.BeginRead();
        }
    }

    /// <summary>What the caller has of the answer that is being read.</summary>
    private AnswerFold Given => _open.Source?.Fold ?? (_given ??= new AnswerFold(call.Services.Counters));

    private bool Hand()
    {
        if (_open.Source is null && _current.Kind != HarborUpdateKind.Restart) Given.Append(_current);
        return true;
    }

    private bool End()
    {
        ForgetRepeated();
        ForgetGiven();
        return false;
    }

    private async ValueTask RestartAsync(StreamInterruptedException broken, Target? again, TimeSpan wait)
    {
        string brokenTarget = call.AnsweringTarget.Name;
        if (_seam is null) _shown = broken.Partial;
        SeamMatcher delivered = _seam?.Again() ?? new SeamMatcher(Given);
        bool showedToolCalls = Given.ToolCalls.Count > 0 || _repeated?.ToolCalls.Count > 0;
        await _open.DisposeAsync().ConfigureAwait(false);
        try
        {
            await call.PauseAsync(wait).ConfigureAwait(false);
            _open = await failover.OpenNextAsync(call, again).ConfigureAwait(false);
        }
        catch (HarborException e)
        {
            throw ErrorFactory.Interrupted(_shown!, e);
        }

        Target next = call.AnsweringTarget;
        ErrorKind kind = (broken.InnerException as HarborException)?.Kind ?? ErrorKind.Interrupted;
        call.Decide(DecisionKind.Restart, next, $"the answer of {brokenTarget} broke ({kind})", error: broken);
        Log.Restarted(call.Services.Logger, brokenTarget, kind, next.Name, broken.Message);
        _cause = broken;
        ForgetRepeated();
        if (!call.IsStreaming)
        {
            ForgetGiven();
            call.NotifyRestart();
        }
        else if (showedToolCalls && call.Collects)
        {
            // A stage outside has already joined the fragments; only starting over takes them out of its hands.
            BeginReplay();
        }
        else
        {
            _seam = delivered.IsPassed ? null : delivered;
            if (showedToolCalls) TakeToolCallsBack(delivered);
        }
    }

    /// <summary>The caller never saw the fragments of the broken answer's tool calls, but observers did, and the new answer sends its own.</summary>
    private void TakeToolCallsBack(SeamMatcher delivered)
    {
        call.NotifyRestart();
        foreach (HarborUpdate update in delivered.Delivered())
        {
            if (call.Receive(update) is { } stop) ExceptionDispatchInfo.Throw(stop);
        }
    }

    private void PassSeam()
    {
        _seam = null;
        ForgetRepeated();
    }

    private void ForgetGiven()
    {
        _given?.Release();
        _given = null;
    }

    private void ForgetRepeated()
    {
        _repeated?.Release();
        _repeated = null;
    }

    /// <summary>The seam shows: the caller starts over with everything the new answer has said so far.</summary>
    private void BeginReplay()
    {
        call.NotifyRestart();
        ForgetGiven();
        _seam = null;
        _replay = new Queue<HarborUpdate>();
        _replay.Enqueue(new HarborUpdate(HarborUpdateKind.Restart, _cause!));
        if (_repeated is null) return;
        foreach (HarborUpdate update in SeamMatcher.WholeOf(_repeated)) _replay.Enqueue(update);
    }

    private bool TakeReplay()
    {
        if (_replay!.TryDequeue(out _current)) return true;
        _replay = null;
        ForgetRepeated();
        return false;
    }
}
