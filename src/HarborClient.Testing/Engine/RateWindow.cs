namespace HarborClient.Testing.Engine;

// Counts what was taken in the last minute. Not thread-safe: guarded by RateLimits.
internal sealed class RateWindow(long perMinute, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Queue<(long At, long Amount)> _taken = new();
    private long _sum;

    // Zero = there is room now. More than the limit itself never fits, and is told the whole window.
    public TimeSpan WaitFor(long amount)
    {
        Forget();
        long sum = _sum;
        foreach ((long at, long taken) in _taken)
        {
            if (sum + amount <= perMinute) break;
            sum -= taken;
            if (sum + amount <= perMinute) return Left(at);
        }

        return sum + amount <= perMinute ? TimeSpan.Zero : Window;
    }

    public void Take(long amount)
    {
        _taken.Enqueue((time.GetTimestamp(), amount));
        _sum += amount;
    }

    public LimitState State()
    {
        TimeSpan left = _taken.Count == 0 ? TimeSpan.Zero : Left(_taken.Last().At);
        return new LimitState(perMinute, Math.Max(0, perMinute - _sum), left, time.GetUtcNow() + left);
    }

    private void Forget()
    {
        while (_taken.TryPeek(out (long At, long Amount) oldest) && Left(oldest.At) <= TimeSpan.Zero)
        {
            _sum -= _taken.Dequeue().Amount;
        }
    }

    private TimeSpan Left(long at) => Window - time.GetElapsedTime(at);
}
