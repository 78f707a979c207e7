using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HarborClient.Benchmarks.Load;

/// <summary>
/// When calls are due: one at a random moment of every interval. At a fixed beat all calls of a run would meet the upstream's timer, which has steps of a
/// millisecond, at the same distance to its next step, and another run at another. The moments are the same for everybody who is measured.
/// </summary>
internal sealed class Arrivals
{
    /// <summary>The kernel wakes a thread 50 to 60 µs late; what is left of the wait after that is spun.</summary>
    private const double SpunMicroseconds = 90;

    /// <summary>Sleeps below this are not worth the switch.</summary>
    private const double ShortestSleepMicroseconds = 20;

    private readonly long[] _ticks;

    internal Arrivals(int perSecond, TimeSpan duration)
    {
        var random = new Random(1);
        _ticks = new long[(int)(perSecond * duration.TotalSeconds)];
        for (int i = 0; i < _ticks.Length; i++) _ticks[i] = (long)((i + random.NextDouble()) / perSecond * Stopwatch.Frequency);
    }

    internal int Count => _ticks.Length;

    /// <summary>Starts every call at its moment, on a thread that does nothing else: neither timers nor a busy thread pool can make it late.</summary>
    /// <param name="callAsync">Starts the call of this number, due at this time stamp.</param>
    internal Task RunAsync(Func<int, long, Task> callAsync)
    {
        var all = new TaskCompletionSource<Task[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => all.SetResult(StartAll(callAsync))) { IsBackground = true, Name = "arrivals" }.Start();
        return AllAsync();

        async Task AllAsync() => await Task.WhenAll(await all.Task);
    }

    private Task[] StartAll(Func<int, long, Task> callAsync)
    {
        var running = new Task[_ticks.Length];
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < running.Length; i++)
        {
            long due = started + _ticks[i];
            WaitUntil(due);
            running[i] = callAsync(i, due);
        }

        return running;
    }

    private static void WaitUntil(long due)
    {
        double asleep = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due).TotalMicroseconds - SpunMicroseconds;
        if (asleep > ShortestSleepMicroseconds) Sleep(asleep);
        while (Stopwatch.GetTimestamp() < due) Thread.SpinWait(10);
    }

    /// <summary>The framework's own sleep has steps of a millisecond. Windows has no other, so there a millisecond is slept only where one is to spare.</summary>
    private static void Sleep(double microseconds)
    {
        if (!OperatingSystem.IsWindows()) _ = SleepMicroseconds((uint)microseconds);
        else if (microseconds > 20_000) Thread.Sleep((int)(microseconds / 1000) - 16);
    }

    [DllImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SleepMicroseconds(uint microseconds);
}
