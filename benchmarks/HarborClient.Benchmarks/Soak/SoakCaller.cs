using System.Globalization;
using HarborClient.Benchmarks.Clients;

namespace HarborClient.Benchmarks.Soak;

/// <summary>Calls without end: plain, as updates and as text, in all modes; 15 % are cancelled and 15 % abandoned somewhere on their way.</summary>
internal sealed class SoakCaller(FastClient client)
{
    private const int CancelledPercent = 15;
    private const int AbandonedPercent = 15;

    /// <summary>A paced stream takes a few hundred milliseconds, so a cancellation up to here hits it anywhere.</summary>
    private const int LongestWaitMilliseconds = 200;

    private int _whole;
    private int _cancelled;
    private int _abandoned;
    private int _unexpected;

    internal int Unexpected => _unexpected;

    internal string Describe() => string.Create(CultureInfo.InvariantCulture, $"calls: {_whole:N0} whole, {_cancelled:N0} cancelled, {_abandoned:N0} abandoned");

    internal async Task RunAsync(int index, CancellationToken stop)
    {
        var random = new Random(index);
        while (!stop.IsCancellationRequested)
        {
            int dice = random.Next(100);
            using var cancel = new CancellationTokenSource();
            if (dice < CancelledPercent) cancel.CancelAfter(random.Next(LongestWaitMilliseconds));
            int leaveAfter = dice is >= CancelledPercent and < CancelledPercent + AbandonedPercent ? random.Next(1, 200) : int.MaxValue;
            try
            {
                bool isWhole = await CallAsync((PerformanceMode)random.Next(3), random.Next(3), leaveAfter, cancel.Token);
                Interlocked.Increment(ref isWhole ? ref _whole : ref _abandoned);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                Interlocked.Increment(ref _cancelled);
            }
            catch (Exception e)
            {
                if (Interlocked.Increment(ref _unexpected) <= 3) Console.WriteLine(e);
            }
        }
    }

    private async Task<bool> CallAsync(PerformanceMode mode, int kind, int leaveAfter, CancellationToken cancellationToken)
    {
        HarborChatOptions options = Requests.Options(1);
        options.Mode = mode;
        int seen = 0;
        switch (kind)
        {
            case 0:
                await client.GetResponseAsync(Requests.Question(1), options, cancellationToken);
                return true;
            case 1:
                await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Requests.Question(1), options, cancellationToken))
                {
                    if (++seen >= leaveAfter) return false;
                }

                return true;
            default:
                await foreach (string _ in client.StreamTextAsync(Requests.Question(1), options, cancellationToken))
                {
                    if (++seen >= leaveAfter) return false;
                }

                return true;
        }
    }
}
