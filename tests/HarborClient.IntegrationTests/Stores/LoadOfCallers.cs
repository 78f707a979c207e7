using System.Diagnostics;

namespace HarborClient.IntegrationTests.Stores;

// Callers who ask a client one of some questions again and again, and how long they waited, by what was going on meanwhile.
internal sealed class LoadOfCallers : IAsyncDisposable
{
    private const int Questions = 500;

    private readonly FastClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _callers;
    private readonly Lock _gate = new();

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    // Guarded by _gate.
    private readonly List<Exception> _failures = [];
    private readonly List<(int Found, TaskCompletionSource Signal)> _waiters = [];
    private List<TimeSpan> _waits = [];
    private int _wanted;
    private TaskCompletionSource<List<TimeSpan>>? _measured;
    private int _found;

    public LoadOfCallers(FastClient client, int callers)
    {
        _client = client;
        _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(() => CallAsync(i))));
    }

    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (_gate) return [.. _failures];
        }
    }

    // The 99th percentile of the waits of so many calls from now on.
    public async Task<TimeSpan> Percentile99Async(int calls)
    {
        var measured = new TaskCompletionSource<List<TimeSpan>>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) (_waits, _wanted, _measured) = (new List<TimeSpan>(calls), calls, measured);
        List<TimeSpan> waits = await measured.Task.WaitAsync(Guard);
        waits.Sort();
        return waits[(int)(waits.Count * 0.99)];
    }

    // Signal: Redis has answered so many more calls.
    public Task Found(int more)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _waiters.Add((_found + more, signal));
        return signal.Task.WaitAsync(Guard);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _callers;
        _stop.Dispose();
    }

    private async Task CallAsync(int question)
    {
        var options = new HarborChatOptions { Temperature = 0 };
        while (!_stop.IsCancellationRequested)
        {
            question = (question + 7) % Questions;
            long start = Stopwatch.GetTimestamp();
            try
            {
                ChatResponse response = await _client.GetResponseAsync($"question {question}", options).ConfigureAwait(false);
                Add(Stopwatch.GetElapsedTime(start), response.GetHarborInfo().CacheLevel == CacheLevel.Distributed);
            }
            catch (Exception e)
            {
                lock (_gate) _failures.Add(e);
            }
        }
    }

    private void Add(TimeSpan wait, bool isFound)
    {
        lock (_gate)
        {
            if (_measured is not null)
            {
                _waits.Add(wait);
                if (_waits.Count == _wanted)
                {
                    _measured.SetResult(_waits);
                    _measured = null;
                }
            }

            if (!isFound) return;
            _found++;
            foreach ((int found, TaskCompletionSource signal) in _waiters)
                if (_found >= found) signal.TrySetResult();
        }
    }
}
