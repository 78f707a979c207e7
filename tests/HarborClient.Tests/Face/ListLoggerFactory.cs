using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tests.Face;

// Keeps everything that is logged, at every level: the message, its parameters and the exception.
internal sealed class ListLoggerFactory : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string parameters = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join("; ", pairs.Select(pair => $"{pair.Key}={pair.Value}")) : "";
        string line = $"{logLevel} {eventId.Id} {formatter(state, exception)} | {parameters} | {exception}";
        _lines.Enqueue(line);
        KeyWatch.Hear("a log", line);
    }
}
