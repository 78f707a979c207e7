using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Limits;

/// <summary>
/// An exchange that never throws and never takes long: what fails is logged once, and nobody asks again for a while. Meanwhile this process keeps its own limits alone.
/// </summary>
internal sealed class GuardedExchange(ILimitExchange exchange, TimeProvider time, ILogger logger)
{
    /// <summary>Longest that a call waits for the exchange; a store nearby answers in a millisecond.</summary>
    private static readonly TimeSpan SoftTimeout = TimeSpan.FromMilliseconds(50);

    /// <summary>What no call waits for may take longer.</summary>
    private static readonly TimeSpan BackgroundTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long nobody asks after a failure: an outage costs a few calls 50 ms every so often, and not every call.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long _askAgainAt = long.MinValue;
    private int _isDown;

    private bool IsPaused => time.GetTimestamp() < Volatile.Read(ref _askAgainAt);

    /// <summary>Null when the exchange could not be asked.</summary>
    internal ValueTask<LimitTaken?> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot) =>
        AskAsync(SoftTimeout, token => exchange.TakeAsync(owner, amounts, slot, token));

    internal async ValueTask<IReadOnlyList<long>> SettleAsync(string owner, IReadOnlyList<BucketAmount> corrections, string? slotId)
    {
        SettleResult? settled = await AskAsync(BackgroundTimeout, async token => new SettleResult(await exchange.SettleAsync(owner, corrections, slotId, token).ConfigureAwait(false) ?? throw Nonsense())).ConfigureAwait(false);
        return settled?.Left ?? [];
    }

    internal async ValueTask RenewAsync(string owner, IReadOnlyList<string> slotIds, TimeSpan lifetime) =>
        await AskAsync(BackgroundTimeout, async token =>
        {
            await exchange.RenewAsync(owner, slotIds, lifetime, token).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);

    internal ValueTask<LimitShare?> ExchangeAsync(string owner, string process, LimitShare own, TimeSpan lifetime) =>
        AskAsync(BackgroundTimeout, async token =>
        {
            LimitShare mean = await exchange.ExchangeAsync(owner, process, own, lifetime, token).ConfigureAwait(false);

            // A limit that is no number holds nobody back, and stays so.
            return double.IsFinite(mean.Limit) && double.IsFinite(mean.Maximum) ? mean : throw Nonsense();
        });

    private static InvalidDataException Nonsense() => new("The exchange of limits answered what is no answer.");

    private async ValueTask<T?> AskAsync<T>(TimeSpan timeout, Func<CancellationToken, ValueTask<T>> ask) where T : struct
    {
        if (IsPaused) return null;
        using var limit = new CancellationTokenSource(timeout, time);
        Task<T>? asked = null;
        try
        {
            ValueTask<T> answer = ask(limit.Token);
            T result;
            if (answer.IsCompletedSuccessfully)
            {
                result = answer.Result;
            }
            else
            {
                // An exchange that does not look at its token is left behind.
                asked = answer.AsTask();
                result = await asked.WaitAsync(limit.Token).ConfigureAwait(false);
            }

            if (Interlocked.Exchange(ref _isDown, 0) != 0) Log.LimitExchangeIsBack(logger);
            return result;
        }
        catch (Exception e)
        {
            asked?.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            Volatile.Write(ref _askAgainAt, time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency));
            if (Interlocked.Exchange(ref _isDown, 1) == 0) Log.LimitExchangeFailed(logger, Pause, e);
            return null;
        }
    }

    private readonly record struct SettleResult(IReadOnlyList<long> Left);
}
