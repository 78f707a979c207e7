namespace HarborClient.IntegrationTests.Stores;

// Waits for what another process does, which gives no signal: asks again at once, and gives up after the guard.
internal static class Poll
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var guard = new CancellationTokenSource(Guard);
        while (!await isSo())
        {
            guard.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    // One that fails is asked again too.
    public static Task UntilAnsweredAsync(Func<Task<bool>> isSo) => UntilAsync(async () =>
    {
        try
        {
            return await isSo().WaitAsync(TimeSpan.FromSeconds(1));
        }
        catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
        {
            return false;
        }
    });
}
