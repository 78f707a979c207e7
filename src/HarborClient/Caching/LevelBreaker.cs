namespace HarborClient.Caching;

/// <summary>
/// Stops asking a cache level that fails, and has one caller try every so often. It opens when, within ten seconds, five more rounds failed than succeeded. A round is what began
/// after the failure before it: a pause of this process lets many reads run out of time at once, and is one failure. Thread-safe; allocates nothing.
/// </summary>
internal sealed class LevelBreaker(TimeProvider time)
{
    internal const int Failures = 5;

    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>How long nobody asks while it is open.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly long _window = Ticks(time, Window);
    private readonly long _pause = Ticks(time, Pause);
    private readonly Lock _gate = new();

    // Guarded by _gate; the two numbers are also read without it.
    private readonly long[] _failedAt = new long[Failures];
    private int _count;
    private int _isOpen;
    private long _probeFrom;

    internal bool IsOpen => Volatile.Read(ref _isOpen) != 0;

    /// <summary>Whether the level may be asked. While it is open one may every two seconds, as the probe.</summary>
    internal bool TryEnter(out bool isProbe)
    {
        isProbe = false;
        if (!IsOpen) return true;
        lock (_gate)
        {
            if (!IsOpen) return true;
            long now = time.GetTimestamp();
            if (now < _probeFrom) return false;
            _probeFrom = now + _pause;
            isProbe = true;
            return true;
        }
    }

    /// <summary>The level answered.</summary>
    /// <returns>Whether it was left alone until now.</returns>
    internal bool Succeeded()
    {
        if (!IsOpen && Volatile.Read(ref _count) == 0) return false;
        lock (_gate)
        {
            bool wasOpen = IsOpen;
            if (wasOpen) _count = 0;
            else if (_count > 0) _count--;
            Volatile.Write(ref _isOpen, 0);
            return wasOpen;
        }
    }

    /// <summary>The level failed, or took too long.</summary>
    /// <param name="startedAt">When it was asked.</param>
    /// <returns>Whether it is left alone from now on, and was not before.</returns>
    internal bool Failed(long startedAt)
    {
        lock (_gate)
        {
            if (IsOpen || (_count > 0 && startedAt < _failedAt[_count - 1])) return false;
            long now = time.GetTimestamp();
            int stale = 0;
            while (stale < _count && now - _failedAt[stale] > _window) stale++;
            Array.Copy(_failedAt, stale, _failedAt, 0, _count - stale);
            _count -= stale;
            _failedAt[_count++] = now;
            if (_count < Failures) return false;
            _probeFrom = now + _pause;
            Volatile.Write(ref _isOpen, 1);
            return true;
        }
    }

    private static long Ticks(TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
