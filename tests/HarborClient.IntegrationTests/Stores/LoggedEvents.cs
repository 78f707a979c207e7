using System.Collections.Concurrent;
using HarborClient.Tests;
using Microsoft.Extensions.Logging;

namespace HarborClient.IntegrationTests.Stores;

// The ids of what a client logs, in order, from Information on.
internal sealed class LoggedEvents : ILoggerFactory, ILogger
{
    public const int LevelFailed = 70;
    public const int LevelIsBack = 71;

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<int> _ids = new();
    private readonly ConcurrentDictionary<(int Id, int Count), TaskCompletionSource> _signals = new();

    public int Count(int id) => _ids.Count(one => one == id);

    // Signal: this has been logged so often.
    public Task Logged(int id, int count)
    {
        TaskCompletionSource signal = _signals.GetOrAdd((id, count), _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Tell(id);
        return signal.Task.WaitAsync(Guard);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        KeyWatch.Hear($"log event {eventId.Id}", $"{formatter(state, exception)} {exception}");
        _ids.Enqueue(eventId.Id);
        Tell(eventId.Id);
    }

    private void Tell(int id)
    {
        foreach (((int signalled, int count), TaskCompletionSource signal) in _signals)
            if (signalled == id && Count(id) >= count) signal.TrySetResult();
    }
}
