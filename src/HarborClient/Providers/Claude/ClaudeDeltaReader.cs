using System.Text.Json;

namespace HarborClient.Providers.Claude;

// Hot path: every event of a stream.

/// <summary>Reads a piece of a block. The reader stands on its object.</summary>
internal static class ClaudeDeltaReader
{
    /// <summary>What a piece belongs to by its own type, for one whose block never started. A tool call cannot begin so: it would have no name.</summary>
    internal static ClaudeBlockKind KindOf(Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!JsonLenient.Is(ref json, "type"u8))
            {
                JsonLenient.SkipValue(ref json);
                continue;
            }

            json.Read();
            if (json.TokenType != JsonTokenType.String) return ClaudeBlockKind.Other;
            if (JsonLenient.Is(ref json, "text_delta"u8) || JsonLenient.Is(ref json, "citations_delta"u8)) return ClaudeBlockKind.Text;
            return JsonLenient.Is(ref json, "thinking_delta"u8) || JsonLenient.Is(ref json, "signature_delta"u8) ? ClaudeBlockKind.Thinking : ClaudeBlockKind.Other;
        }

        return ClaudeBlockKind.Other;
    }

    /// <summary>Each kind of piece has a member of its own name, which says the same as its type.</summary>
    internal static void Read(ClaudeBlock? block, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "text"u8)) batch.AddTextValue(HarborUpdateKind.Text, ref json, data);
            else if (JsonLenient.Is(ref json, "partial_json"u8)) AddInput(block, ref json, data, batch);
            else if (JsonLenient.Is(ref json, "thinking"u8)) batch.AddTextValue(HarborUpdateKind.Reasoning, ref json, data);
            else if (JsonLenient.Is(ref json, "signature"u8)) ReadSignature(block, ref json);
            else if (JsonLenient.Is(ref json, "citation"u8)) ReadCitation(block, ref json, data, batch);
            else JsonLenient.SkipValue(ref json);
        }
    }

    private static void AddInput(ClaudeBlock? block, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String || block is not { Kind: ClaudeBlockKind.ToolUse })
        {
            json.Skip();
            return;
        }

        ReadOnlyMemory<byte> piece = batch.TextOf(ref json, data);
        if (piece.Length == 0) return;
        block.HasPieces = true;
        batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, piece, block.Call));
    }

    private static void ReadSignature(ClaudeBlock? block, ref Utf8JsonReader json)
    {
        string? signature = JsonLenient.Text(ref json);
        if (block is { Kind: ClaudeBlockKind.Thinking }) block.Signature = signature;
    }

    private static void ReadCitation(ClaudeBlock? block, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        batch.DoesMore();
        json.Read();
        if (json.TokenType == JsonTokenType.StartObject && block is { Kind: ClaudeBlockKind.Text }) (block.Citations ??= []).Add(ClaudeCitations.Read(ref json, data, batch));
        else json.Skip();
    }
}
