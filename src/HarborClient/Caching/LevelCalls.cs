namespace HarborClient.Caching;

/// <summary>Asks a cache level without waiting for it longer than a limit, whatever it does.</summary>
internal static class LevelCalls
{
    internal static string NameOf(ICacheLevel level) => level.GetType().Name;

    /// <exception cref="TimeoutException">It took longer than the limit; it has been told so, and is left behind.</exception>
    internal static async ValueTask<T> AskAsync<T>(Func<CancellationToken, ValueTask<T>> ask, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T>? asked = null;
        try
        {
            ValueTask<T> answer = ask(end.Token);
            if (answer.IsCompleted) return await answer.ConfigureAwait(false);
            asked = answer.AsTask();
            return await asked.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (asked is { IsCompleted: false }) _ = LeaveAsync(asked, end);
            else end.Dispose();
        }
    }

    /// <inheritdoc cref="AskAsync"/>
    internal static async ValueTask RunAsync(Func<CancellationToken, ValueTask> run, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken) =>
        await AskAsync(
            async token =>
            {
                await run(token).ConfigureAwait(false);
                return true;
            },
            limit,
            time,
            cancellationToken).ConfigureAwait(false);

    /// <summary>Tells the level that nobody waits any more. Not awaited: what the level does when it is told takes no caller's time.</summary>
    private static async Task LeaveAsync(Task asked, CancellationTokenSource end)
    {
        try
        {
            await end.CancelAsync().ConfigureAwait(false);
            await asked.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Of a level that has been left behind the error is nobody's.
        }

        end.Dispose();
    }
}
