using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Pipeline;

/// <summary>
/// Empties what the client keeps only to be faster, when asked to or when memory runs short. There is no thread and no timer behind it: memory is looked at
/// when calls end, at most once a second, and not at all without a limit. Thread-safe.
/// </summary>
internal sealed class MemoryGuard(TimeProvider time, ILogger logger, long? limitBytes, Func<MemoryReading> read)
{
    // Each line is left further down than it was crossed, so that memory that hovers about it does not warn again and again.
    private const double Short = 0.80;
    private const double AtEase = 0.70;
    private const double Full = 0.95;
    private const double RoomAgain = 0.90;
    private const double MachineAtEase = 0.95;
    private const double MiB = 1 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _nextLook = long.MinValue;
    private int _isLooking;

    // Guarded by _gate.
    private readonly List<Action> _caches = [];

    // Changed by the one look that is under way.
    private bool _isShort;
    private bool _isFull;
    private bool _hasFailed;

    /// <summary>Whether something may be put into the response cache; not above 95 % of the limit. What else is kept is bounded and small, and does not ask.</summary>
    internal bool MayStore => !Volatile.Read(ref _isFull);

    /// <summary>Whoever keeps something that can be made or fetched again gives the way to drop it. It runs on the threads of callers, at any time, and does not block.</summary>
    internal void Register(Action trim)
    {
        lock (_gate) _caches.Add(trim);
    }

    /// <summary>Empties all caches.</summary>
    internal void Trim()
    {
        Action[] caches;
        lock (_gate) caches = [.. _caches];
        foreach (Action trim in caches) trim();
    }

    /// <summary>Hot path: once a call. A comparison without a limit, a timestamp and one more with it.</summary>
    internal void OnCallEnded()
    {
        if (limitBytes is not { } limit) return;
        long now = time.GetTimestamp();
        if (now < Volatile.Read(ref _nextLook) || Interlocked.Exchange(ref _isLooking, 1) != 0) return;
        try
        {
            Volatile.Write(ref _nextLook, now + (long)(Interval.TotalSeconds * time.TimestampFrequency));
            Look(limit);
        }
        catch (Exception e)
        {
            // The caller's measure is at fault, and no call may fail by it. Said once; what was known before goes on to hold.
            if (!_hasFailed) Log.MemoryUnknown(logger, e);
            _hasFailed = true;
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private void Look(long limit)
    {
        MemoryReading memory = read();
        double used = (double)memory.Bytes / limit;
        bool wasShort = _isShort;
        bool wasFull = _isFull;
        bool isOver = used >= Short || memory.MachineLoad >= 1;
        bool isFull = used > (wasFull ? RoomAgain : Full);
        _isShort = isOver || (wasShort && (used > AtEase || memory.MachineLoad > MachineAtEase));
        Volatile.Write(ref _isFull, isFull);
        if (isOver) Trim();
        if (_isShort && !wasShort) Log.MemoryShort(logger, memory.Bytes / MiB, limit / MiB, memory.MachineLoad);
        if (isFull && !wasFull) Log.MemoryFull(logger, memory.Bytes / MiB, limit / MiB);
        if (wasShort && !_isShort) Log.MemoryAtEase(logger, memory.Bytes / MiB, limit / MiB);
    }
}
