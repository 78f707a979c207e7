namespace HarborClient.Tests.Resilience;

// Callers on threads of their own, plain and streaming in turn by chance, of which every third leaves; those that stream stop after some pieces, too.
internal sealed class LeavingCallers(FastClient client, int callers, int callsEach, Func<CancellationTokenSource, Random, Task> leave)
{
    // How many calls were answered. All others were left, or refused for good.
    public async Task<int> RunAsync(TimeSpan guard)
    {
        Task<int>[] running = [.. Enumerable.Range(0, callers).Select(seed => Task.Run(() => CallAsync(new Random(seed))))];
        return (await Task.WhenAll(running).WaitAsync(guard)).Sum();
    }

    private async Task<int> CallAsync(Random random)
    {
        int answered = 0;
        for (int i = 0; i < callsEach; i++)
        {
            using var leaving = new CancellationTokenSource();
            Task left = random.Next(3) == 0 ? leave(leaving, random) : Task.CompletedTask;
            try
            {
                if (random.Next(2) == 0)
                {
                    await client.GetResponseAsync("hi", cancellationToken: leaving.Token);
                }
                else
                {
                    int most = random.Next(4);
                    await foreach (string piece in client.StreamTextAsync("hi", cancellationToken: leaving.Token))
                    {
                        if (most-- == 0) break;
                    }
                }

                answered++;
            }
            catch (Exception e) when (e is OperationCanceledException or HarborException)
            {
                // Both have to give everything back.
            }

            await left;
        }

        return answered;
    }
}
