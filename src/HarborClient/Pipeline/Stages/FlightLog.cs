using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// What has arrived of a shared answer, for those who come late or read slowly. Made when a second caller joins. Guarded by its flight; what it has handed out stays valid and unchanged.
/// Places in it are counted from the beginning, whatever has been let go.
/// </summary>
internal sealed class FlightLog
{
    private const int ChunkBytes = 8 << 10;

    private readonly List<Entry> _updates = [];
    private int _forgotten;
    private long _forgottenBytes;
    private long _startBytes;
    private byte[] _chunk = [];
    private int _used;

    internal int Count => _forgotten + _updates.Count;

    /// <summary>Where one who joins now begins: what came before was taken back.</summary>
    internal int Start { get; private set; }

    /// <summary>How many bytes of text have arrived.</summary>
    internal long Bytes { get; private set; }

    internal HarborUpdate this[int index] => _updates[index - _forgotten].Update;

    /// <summary>How many of them are held here.</summary>
    internal long HeldBytes => Bytes - _forgottenBytes;

    /// <summary>How many bytes of text one who joins now has before it.</summary>
    internal long BytesFromStart => Bytes - _startBytes;

    /// <summary>How many bytes of text come after so many updates, no fewer than are let go.</summary>
    internal long BytesAfter(int count) => Bytes - (count == _forgotten ? _forgottenBytes : _updates[count - _forgotten - 1].End);

    /// <summary>Lets go of so many updates, which nobody reads any more: not at once, but when they are half of what is held.</summary>
    internal void Forget(int count)
    {
        int gone = count - _forgotten;
        if (gone <= _updates.Count / 2) return;
        _forgottenBytes = _updates[gone - 1].End;
        _forgotten = count;
        _updates.RemoveRange(0, gone);
    }

    /// <summary>What an answer holds so far. A text whose annotations are not complete yet is told of once more when they are.</summary>
    internal static FlightLog Of(AnswerFold fold)
    {
        var log = new FlightLog();
        if (fold.Identity is { } identity) log.Add(new HarborUpdate(HarborUpdateKind.Identity, identity));
        int calls = 0;
        for (int i = 0; i < fold.RunCount; i++)
        {
            AnswerRun run = fold.Run(i);
            if (run.Value is ToolCallFold call)
            {
                log.Add(new HarborUpdate(HarborUpdateKind.ToolCall, call.Arguments.Memory, calls, call.Head));
                if (call.IsComplete) log.Add(new HarborUpdate(HarborUpdateKind.ToolCallEnd, default, calls));
                calls++;
            }
            else
            {
                object? value = run.Value is IList<AIAnnotation> annotations ? new List<AIAnnotation>(annotations) : run.Value;
                log.Add(new HarborUpdate(run.Kind, fold.MemoryOf(run), 0, value));
            }
        }

        if (fold.Usage is { } usage) log.Add(new HarborUpdate(HarborUpdateKind.Usage, usage));
        if (fold.FinishReason is { } finish) log.Add(new HarborUpdate(HarborUpdateKind.Finish, finish));
        return log;
    }

    /// <summary>An update with its text where it stays.</summary>
    internal HarborUpdate Keep(in HarborUpdate update) =>
        update.Utf8.IsEmpty ? update : new HarborUpdate(update.Kind, Copy(update.Utf8.Span), update.Index, update.Value);

    /// <summary>Adds a copy of an update, and returns it.</summary>
    internal HarborUpdate Add(in HarborUpdate update)
    {
        if (update.Kind == HarborUpdateKind.Restart) (Start, _startBytes) = (Count + 1, Bytes);
        HarborUpdate kept = Keep(update);
        Bytes += update.Utf8.Length;
        _updates.Add(new Entry(kept, Bytes));
        return kept;
    }

    private ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> utf8)
    {
        if (_chunk.Length - _used < utf8.Length)
        {
            _chunk = new byte[Math.Max(ChunkBytes, utf8.Length)];
            _used = 0;
        }

        Memory<byte> place = _chunk.AsMemory(_used, utf8.Length);
        utf8.CopyTo(place.Span);
        _used += utf8.Length;
        return place;
    }

    /// <param name="Update">With its text where it stays.</param>
    /// <param name="End">How many bytes of text have arrived with it.</param>
    private readonly record struct Entry(HarborUpdate Update, long End);
}
