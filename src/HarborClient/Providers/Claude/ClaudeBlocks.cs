using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

// Hot path: every event of a stream.

/// <summary>Turns the blocks of one answer into updates, in the order in which they come. One per answer, which changes in it: never copied.</summary>
internal struct ClaudeBlocks
{
    /// <summary>Each call holds a buffer of its own, so an unbounded number would let a host fill the memory.</summary>
    private const int MaxCalls = 256;

    /// <summary>Blocks come one after the other. Each event looks through those that have not stopped; of more than these, the oldest is taken for complete.</summary>
    private const int MaxOpen = 64;

    /// <summary>Ends a run of text that has no citations, so that those of the next block do not take it for theirs.</summary>
    private static readonly AIAnnotation[] NoCitations = [];

    // Made by the first block of a stream; a whole answer has none that is open.
    private List<ClaudeBlock>? _open;
    private int _calls;
    private bool _endsWithText;

    /// <summary>A block begins. The reader stands on its object, and on the object's end afterwards.</summary>
    internal void Start(long? index, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        long place = index ?? (_open is [.., { } latest] ? latest.Index + 1 : 0);
        Stop(place, batch);
        ClaudeBlock block = Read(Begin(json, batch), place, ref json, data, batch);
        _open ??= new List<ClaudeBlock>(1);
        if (_open.Count == MaxOpen)
        {
            Finish(_open[0], batch);
            _open.RemoveAt(0);
        }

        _open.Add(block);
    }

    /// <summary>A block begins and ends. The reader stands on its object, and on the object's end afterwards.</summary>
    internal void AddWhole(long index, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        // Nearly every answer is one text, which needs no block to say what it is.
        ClaudeBlockKind kind = Begin(json, batch);
        if (kind == ClaudeBlockKind.Text) FinishText(ClaudeBlockReader.ReadText(ref json, data, batch), batch);
        else Finish(Read(kind, index, ref json, data, batch), batch);
    }

    /// <summary>A piece of a block. The reader stands on its object.</summary>
    internal void Add(long? index, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        ClaudeBlock? block = Find(index);
        if (block?.Raw is { } raw) raw.Merge(ref json, data, batch);
        else ClaudeDeltaReader.Read(block ?? OpenImplied(index ?? 0, json), ref json, data, batch);
    }

    /// <summary>A block ends; without an index, the latest.</summary>
    internal void Stop(long? index, UpdateBatch batch)
    {
        if (Find(index) is not { } block) return;
        _open!.Remove(block);
        Finish(block, batch);
    }

    internal void StopAll(UpdateBatch batch)
    {
        if (_open is null) return;
        foreach (ClaudeBlock block in _open) Finish(block, batch);
        _open.Clear();
    }

    /// <summary>What kind of block begins.</summary>
    private ClaudeBlockKind Begin(Utf8JsonReader json, UpdateBatch batch)
    {
        ClaudeBlockKind kind = ClaudeBlockReader.KindOf(json);
        if (_endsWithText && kind == ClaudeBlockKind.Text) batch.Add(new HarborUpdate(HarborUpdateKind.Text, default, 0, NoCitations));
        _endsWithText = kind == ClaudeBlockKind.Text;
        return kind;
    }

    private ClaudeBlock Read(ClaudeBlockKind kind, long index, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch) => kind switch
    {
        ClaudeBlockKind.Text => new ClaudeBlock(index, kind) { Citations = ClaudeBlockReader.ReadText(ref json, data, batch) },
        ClaudeBlockKind.Thinking => ClaudeBlockReader.ReadThinking(index, ref json, data, batch),
        ClaudeBlockKind.RedactedThinking => ClaudeBlockReader.ReadRedacted(index, ref json, batch),
        ClaudeBlockKind.ToolUse => BeginCall(index, ref json, data, batch),
        _ => ClaudeBlockReader.ReadOther(index, ref json, data),
    };

    /// <summary>The open block of an index; without an index, the latest.</summary>
    private readonly ClaudeBlock? Find(long? index)
    {
        if (_open is not [.., { } latest]) return null;
        if (index is null) return latest;
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            if (_open[i].Index == index) return _open[i];
        }

        return null;
    }

    /// <summary>A piece without a start: its type says what it belongs to.</summary>
    private ClaudeBlock? OpenImplied(long index, Utf8JsonReader json)
    {
        ClaudeBlockKind kind = ClaudeDeltaReader.KindOf(json);
        if (kind == ClaudeBlockKind.Other || _open?.Count == MaxOpen) return null;
        var block = new ClaudeBlock(index, kind);
        _endsWithText = kind == ClaudeBlockKind.Text;
        (_open ??= new List<ClaudeBlock>(1)).Add(block);
        return block;
    }

    private ClaudeBlock BeginCall(long index, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (_calls == MaxCalls) throw new JsonException($"it has more than {MaxCalls} tool calls");
        return ClaudeBlockReader.ReadToolUse(index, _calls++, ref json, data, batch);
    }

    private static void FinishText(List<AIAnnotation>? citations, UpdateBatch batch)
    {
        if (citations is not null) batch.Add(new HarborUpdate(HarborUpdateKind.Text, default, 0, citations));
    }

    private static void Finish(ClaudeBlock block, UpdateBatch batch)
    {
        switch (block.Kind)
        {
            case ClaudeBlockKind.Text:
                FinishText(block.Citations, batch);
                break;
            case ClaudeBlockKind.Thinking when block.Signature is { Length: > 0 } signature:
                batch.Add(new HarborUpdate(HarborUpdateKind.Reasoning, default, 0, signature));
                break;
            case ClaudeBlockKind.ToolUse:
                if (!block.HasPieces && block.Input.Length > 0) batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, block.Input, block.Call));
                batch.Add(new HarborUpdate(HarborUpdateKind.ToolCallEnd, default, block.Call));
                break;
            case ClaudeBlockKind.Other when block.Raw?.ToContent() is { } content:
                batch.Add(new HarborUpdate(HarborUpdateKind.Content, content));
                break;
        }
    }
}
