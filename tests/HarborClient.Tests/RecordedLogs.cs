using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tests;

// Keeps what was logged.
internal sealed class RecordedLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<Entry> _entries = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _signals = new();

    public IReadOnlyList<Entry> Entries => [.. _entries];

    public IEnumerable<Entry> Of(int eventId) => _entries.Where(entry => entry.EventId == eventId);

    // Signal: an event of this id was logged.
    public Task Logged(int eventId)
    {
        Task logged = _signals.GetOrAdd(eventId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        if (Of(eventId).Any()) _signals[eventId].TrySetResult();
        return logged.Guarded();
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var entry = new Entry(eventId.Id, logLevel, formatter(state, exception), exception);
        _entries.Enqueue(entry);
        KeyWatch.Hear($"log event {eventId.Id}", $"{entry.Message} {exception}");
        if (_signals.TryGetValue(eventId.Id, out TaskCompletionSource? signal)) signal.TrySetResult();
    }

    public void Dispose()
    {
    }

    internal sealed record Entry(int EventId, LogLevel Level, string Message, Exception? Exception);
}
