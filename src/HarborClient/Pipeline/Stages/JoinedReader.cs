using System.Runtime.CompilerServices;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Reads an answer that another caller opened. One who is left behind, or whose answer ends with the budget of the one who pays, asks by itself from there on, and pays for it: what it has had is passed over while the new answer repeats it, so that
/// the seam is invisible; where the new answer says something else, the stream is interrupted.
/// </summary>
/// <param name="joined">The caller's part in the answer.</param>
/// <param name="call">The caller's call.</param>
/// <param name="next">The stage that has it answered when it asks by itself.</param>
internal sealed class JoinedReader(FlightSubscriber joined, Call call, PipelineStage next) : UpdateReader
{
    private UpdateReader _open = joined;
    private LeftBehindException? _left;

    // While the new answer repeats what the caller has.
    private SeamMatcher? _seam;

    // The rest of an update whose beginning the caller has already.
    private HarborUpdate _beyond;
    private bool _isBeyond;

    public override ref readonly HarborUpdate Current
    {
        get
        {
            if (_isBeyond) return ref _beyond;
            return ref _open.Current;
        }
    }

    public override ValueTask<bool> ReadAsync()
    {
        _isBeyond = false;
        ValueTask<bool> read = _open.BeginRead();
        if (_seam is not null) return CompareAsync(read);
        return _left is null && !read.IsCompletedSuccessfully ? SharedAsync(read) : read;
    }

    public override ValueTask DisposeAsync() => _open.DisposeAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SharedAsync(ValueTask<bool> read)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (LeftBehindException left)
        {
            _left = left;
        }

        await AskAsync(_left).ConfigureAwait(false);
        return await ReadAsync().ConfigureAwait(false);
    }

    private async ValueTask AskAsync(LeftBehindException left)
    {
        if (left.Delivered is null) throw Differs(left.Target);
        joined.Withdraw();
        call.Shared = null;
        try
        {
            _open = await next.OpenAsync(call).ConfigureAwait(false) ?? throw ErrorFactory.NoReader();
        }
        catch (HarborException e) when (!left.Delivered.IsPassed)
        {
            throw Interrupted(e);
        }

        call.Decide(DecisionKind.Restart, call.AnsweringTarget, $"shares the answer of {left.Target.Name} no more: it read more than {Flight.MostBehindBytes >> 20} MiB behind the others, or the budget of the one who pays had no more");
        if (!left.Delivered.IsPassed) _seam = left.Delivered;
    }

    private async ValueTask<bool> CompareAsync(ValueTask<bool> read)
    {
        while (true)
        {
            bool hasMore = await read.ConfigureAwait(false);

            // The new answer broke and is started over for all to see: the caller discards what it has.
            bool isAnew = hasMore && _open.Current.Kind == HarborUpdateKind.Restart;
            SeamResult result = isAnew ? SeamResult.Repeated : hasMore ? _seam!.Match(_open.Current, out _beyond) : _seam!.MatchEnd();
            if (result == SeamResult.Different) throw Differs(_left!.Target);
            if (isAnew || _seam!.IsPassed) _seam = null;
            _isBeyond = result == SeamResult.Beyond;
            if (!hasMore || isAnew || _isBeyond) return hasMore;
            if (_seam is null) return await ReadAsync().ConfigureAwait(false);
            read = _open.BeginRead();
        }
    }

    private StreamInterruptedException Differs(Target target) => Interrupted(ErrorFactory.LeftBehind(target.Provider, target.Model));

    private StreamInterruptedException Interrupted(HarborException cause) => ErrorFactory.Interrupted(AnswerBuilder.Fill(new ChatResponse(), call, "", isPartial: true), cause);
}
