using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tests;

// Reads along with all that a run of tests says, for the keys that it uses: the errors that the library throws, and what recorders of logs, spans and
// measurements hear, and files. A key is known by its mark, which every key of a test has (KeyLeakTests).
internal static class KeyWatch
{
    public const string Mark = "7Qm2xWv9";

    // What the first leaks say is enough to find the others.
    private const int MostTold = 20;

    private const int Around = 200;

    // Files of stores that are tested at their largest say nothing new after that.
    private const int MostBytesOfFile = 1 << 20;

    private static readonly ConcurrentQueue<string> Leaks = new();

    // On its way out of the library an error loses what it must not say: what it says when all is over is what its caller was told.
    private static readonly ConcurrentQueue<Exception> Suspects = new();

    private static long _read;

    // At the end of a run.
    public static IEnumerable<string> Told => Leaks.Concat(Suspects.Select(TextOf).Where(IsMarked).Select(Excerpt)).Distinct().Take(MostTold);

    public static long Read => Interlocked.Read(ref _read);

    // For clients whose tests are not about logs: what is logged from Information on is read and not kept.
    public static ILoggerFactory Loggers { get; } = new WatchedLogs();

#pragma warning disable CA2255 // An assembly of tests is nobody's library, and this has to begin before the first of them.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Begin() => AppDomain.CurrentDomain.FirstChanceException += (_, thrown) => OnThrown(thrown.Exception);

    public static void Hear(string what, string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        Interlocked.Increment(ref _read);
        if (IsMarked(text)) Leaks.Enqueue($"{what}: {Excerpt(text)}");
    }

    public static void ReadFiles(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true }))
        {
            using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[Math.Min(content.Length, MostBytesOfFile)];
            int length = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            Hear($"the file {file}", Encoding.Latin1.GetString(bytes, 0, length));
        }
    }

    // An exception of other code may hold a key, as that of a handler or of a header; what becomes of it in the library is what counts.
    private static void OnThrown(Exception thrown)
    {
        bool isOurs = thrown is HarborException || (IsMarked(thrown.Message) && thrown.Source == "HarborClient");
        if (!isOurs) return;
        Interlocked.Increment(ref _read);
        if (IsMarked(TextOf(thrown))) Suspects.Enqueue(thrown);
    }

    private static string TextOf(Exception thrown)
    {
        var text = new StringBuilder();
        for (Exception? said = thrown; said is not null; said = said.InnerException)
        {
            text.Append(said.GetType().Name).Append(": ").AppendLine(said.Message);
            if (said is not HarborException error) continue;
            text.Append(error.ProviderCode).Append(' ').AppendLine(error.RequestId);
            text.AppendJoin('\n', error.Decisions.Select(decision => decision.Reason)).AppendJoin('\n', error.Attempts);
        }

        return text.ToString();
    }

    private static string Excerpt(string text)
    {
        int mark = text.IndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        return text[Math.Max(0, mark - Around)..Math.Min(text.Length, mark + Around)];
    }

    private static bool IsMarked(string text) => text.Contains(Mark, StringComparison.OrdinalIgnoreCase);

    private sealed class WatchedLogs : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Hear($"log event {eventId.Id}", $"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
