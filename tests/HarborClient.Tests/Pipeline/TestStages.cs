using System.Collections.Concurrent;
using System.Text;

namespace HarborClient.Tests.Pipeline;

// A stage made of a function.
internal sealed class DelegateStage(PipelineStage next, Func<PipelineStage, Call, ValueTask<UpdateReader>> open) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call) => open(Next, call);
}

// An answer made of given updates.
internal sealed class ScriptedReader(params HarborUpdate[] updates) : UpdateReader
{
    private int _next = -1;

    public bool IsDisposed { get; private set; }

    public override ref readonly HarborUpdate Current => ref updates[_next];

    public static HarborUpdate Text(string text) => new(HarborUpdateKind.Text, Encoding.UTF8.GetBytes(text));

    public override ValueTask<bool> ReadAsync() => ValueTask.FromResult(++_next < updates.Length);

    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}

// Reads two answers in turns, one update from each, until both have ended.
internal sealed class AlternatingReader(UpdateReader first, UpdateReader second) : UpdateReader
{
    private readonly List<UpdateReader> _open = [first, second];
    private int _turn;
    private HarborUpdate _current;

    public override ref readonly HarborUpdate Current => ref _current;

    public override async ValueTask<bool> ReadAsync()
    {
        while (_open.Count > 0)
        {
            _turn %= _open.Count;
            UpdateReader reader = _open[_turn];
            if (await reader.ReadAsync().ConfigureAwait(false))
            {
                _current = reader.Current;
                _turn++;
                return true;
            }

            _open.RemoveAt(_turn);
        }

        return false;
    }

    public override async ValueTask DisposeAsync()
    {
        await first.DisposeAsync().ConfigureAwait(false);
        await second.DisposeAsync().ConfigureAwait(false);
    }
}

// Text in capitals; everything else as it is.
internal sealed class ShoutingReader(UpdateReader inner) : UpdateReader
{
    private HarborUpdate _current;

    public override ref readonly HarborUpdate Current => ref _current;

    public override async ValueTask<bool> ReadAsync()
    {
        if (!await inner.ReadAsync().ConfigureAwait(false)) return false;
        _current = inner.Current.Kind == HarborUpdateKind.Text
            ? ScriptedReader.Text(Encoding.UTF8.GetString(inner.Current.Utf8.Span).ToUpperInvariant())
            : inner.Current;
        return true;
    }

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}

internal sealed class DelegateCompletion(Action<Call, CallOutcome> onCompleted) : ICallCompletion
{
    public void OnCompleted(Call call, CallOutcome outcome) => onCompleted(call, outcome);
}

// Remembers the text it saw, and how often it was told to forget; may stop the answer.
internal sealed class RecordingObserver(Func<string, Exception?>? stop = null) : IUpdateObserver
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public int Restarts { get; private set; }

    public Exception? OnUpdate(Call call, in HarborUpdate update)
    {
        if (update.Kind == HarborUpdateKind.Text) _text.Append(Encoding.UTF8.GetString(update.Utf8.Span));
        return stop?.Invoke(Text);
    }

    public void OnRestart()
    {
        Restarts++;
        _text.Clear();
    }
}

// What happened, in order, from any thread.
internal sealed class Journal
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public void Add(string line) => _lines.Enqueue(line);
}

internal static class StageExtensions
{
    public static HarborBuilder AddStage(this HarborBuilder builder, StageScope scope, Func<PipelineStage, Call, ValueTask<UpdateReader>> open)
        => builder.AddStage(scope, next => new DelegateStage(next, open));
}
