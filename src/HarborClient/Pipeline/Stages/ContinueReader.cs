using System.Runtime.CompilerServices;
using System.Text;
using HarborClient.Errors;
using HarborClient.Telemetry;
using HarborClient.Tokens;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Mid-stream recovery by going on: when an answer of nothing but text breaks, another target gets it as an unfinished message and writes on. The caller sees
/// one answer without a seam. <see cref="Continuation"/> has the rules.
/// </summary>
internal sealed class ContinueReader(FailoverStage failover, TokenEstimator tokens, Call call, UpdateReader open) : UpdateReader
{
    private UpdateReader _open = open;
    private HarborUpdate _current;

    // What the caller has. Owner: this reader, until it ends.
    private AnswerFold? _given = new(call.Services.Counters);

    // Blanks at the end of what the caller has. Hosts drop them from a message, so they are not sent, and the next answer may begin with them.
    private ReadOnlyMemory<byte> _blanks;

    // What the broken attempts have used, and how many characters they gave.
    private UsageDetails? _spent;
    private int _charactersBefore;

    public override ref readonly HarborUpdate Current => ref _current;

    public override ValueTask<bool> ReadAsync()
    {
        ValueTask<bool> read = _open.BeginRead();
        return _blanks.IsEmpty && read.IsCompletedSuccessfully ? new ValueTask<bool>(Take(read.Result)) : ReadOnAsync(read);
    }

    public override ValueTask DisposeAsync()
    {
        End();
        return _open.DisposeAsync();
    }

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
            catch (StreamInterruptedException e) when (Continuation.TextOf(_given!)?.TrimEnd() is { Length: > 0 } answer)
            {
                await ContinueAsync(e, answer).ConfigureAwait(false);
                read = _open.BeginRead();
                continue;
            }

            if (!hasMore || !IsInTheSeam(_open.Current)) return Take(hasMore);
            read = _open.BeginRead();
        }
    }

    private bool Take(bool hasMore)
    {
        if (!hasMore) return End();
        _current = _open.Current;
        if (_current is { Kind: HarborUpdateKind.Text, Utf8.IsEmpty: false } && !_blanks.IsEmpty) _current = AfterTheSeam(_current);
        else if (_current.Kind == HarborUpdateKind.Usage && _spent is not null) _current = new HarborUpdate(HarborUpdateKind.Usage, Sum(_spent, (UsageDetails)_current.Value!));
        _given!.Append(_current);
        return true;
    }

    /// <summary>Opens an attempt that goes on from here, or throws what the caller sees.</summary>
    private async ValueTask ContinueAsync(StreamInterruptedException broken, string answer)
    {
        Call attempt = call.Adopted!;
        Target brokenTarget = attempt.Target!;
        string whole = Continuation.TextOf(_given!)!;
        UsageDetails spent = Sum(_spent, UsageOf(attempt, whole[_charactersBefore..]));
        if (!Continuation.TryNarrow(call) || !failover.CanStartOver(call, broken, out Target? again, out TimeSpan wait)) throw Interrupted(broken, broken.InnerException);
        call.Continuation = Continuation.RequestOf(call, answer, spent.OutputTokenCount ?? 0);
        await _open.DisposeAsync().ConfigureAwait(false);
        try
        {
            await call.PauseAsync(wait).ConfigureAwait(false);
            _open = await failover.OpenNextAsync(call, again).ConfigureAwait(false);
        }
        catch (HarborException e)
        {
            // That a host refuses to continue is not what went wrong with the call.
            throw Interrupted(broken, e.Kind == ErrorKind.InvalidRequest ? broken.InnerException : e);
        }

        Target next = call.AnsweringTarget;
        ErrorKind kind = (broken.InnerException as HarborException)?.Kind ?? ErrorKind.Interrupted;
        call.Decide(DecisionKind.Continuation, next, $"the answer of {brokenTarget.Name} broke ({kind}) after {whole.Length:N0} characters", error: broken, attempt: call.AttemptCount);
        Log.Continued(call.Services.Logger, brokenTarget.Name, kind, next.Name, broken.Message);
        _spent = spent;
        _charactersBefore = whole.Length;
        _blanks = Encoding.UTF8.GetBytes(whole[answer.Length..]);
    }

    /// <summary>The error as under Fail, with all that the caller has.</summary>
    private StreamInterruptedException Interrupted(StreamInterruptedException broken, Exception? cause) =>
        call.Collects ? ErrorFactory.Interrupted(AnswerBuilder.Fill(new ChatResponse(), call, "", isPartial: true), cause ?? broken) : broken;

    /// <summary>What an attempt has used. A broken stream has rarely said so; then it is estimated.</summary>
    private UsageDetails UsageOf(Call attempt, string text)
    {
        UsageDetails? told = attempt.Usage;
        long input = told?.InputTokenCount ?? tokens.Estimate(attempt.Target!, attempt.Messages, attempt.Options);
        long output = told?.OutputTokenCount ?? TokenEstimator.EstimateInput(attempt.Target!, text);
        return new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };
    }

    private static UsageDetails Sum(UsageDetails? before, UsageDetails usage)
    {
        var sum = new UsageDetails();
        if (before is not null) sum.Add(before);
        sum.Add(usage);
        return sum;
    }

    /// <summary>Whether an update is nothing but blanks that the caller has already.</summary>
    private bool IsInTheSeam(in HarborUpdate update)
    {
        if (_blanks.IsEmpty || update.Kind != HarborUpdateKind.Text || update.Utf8.IsEmpty) return false;
        if (!_blanks.Span.StartsWith(update.Utf8.Span)) return false;
        _blanks = _blanks[update.Utf8.Length..];
        return true;
    }

    /// <summary>The first text of the new answer without the blanks that the caller has already.</summary>
    private HarborUpdate AfterTheSeam(in HarborUpdate update)
    {
        int common = update.Utf8.Span.CommonPrefixLength(_blanks.Span);

        // Two characters may begin with the same bytes.
        while (common > 0 && common < update.Utf8.Length && (update.Utf8.Span[common] & 0xC0) == 0x80) common--;
        _blanks = default;
        return common == 0 ? update : new HarborUpdate(update.Kind, update.Utf8[common..], update.Index, update.Value);
    }

    private bool End()
    {
        _given?.Release();
        _given = null;
        return false;
    }
}
