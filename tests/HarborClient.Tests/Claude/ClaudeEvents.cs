using System.Text.Json.Nodes;

namespace HarborClient.Tests.Claude;

// The events that Claude streams a message in: texts, thinking and inputs in pieces of three characters.
internal static class ClaudeEvents
{
    private const int Piece = 3;

    public static IEnumerable<string> Of(JsonArray blocks, string stopReason)
    {
        yield return """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}""";
        yield return """{"type": "ping"}""";
        for (int i = 0; i < blocks.Count; i++)
        {
            foreach (string payload in OfBlock(i, blocks[i]!.AsObject())) yield return payload;
        }

        yield return $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{stopReason}}}","stop_sequence":null},"usage":{"output_tokens":9}}""";
        yield return """{"type":"message_stop"}""";
    }

    private static IEnumerable<string> OfBlock(int index, JsonObject block)
    {
        JsonObject start = block.DeepClone().AsObject();
        List<JsonObject> deltas = [];
        switch ((string)block["type"]!)
        {
            case "text":
                start["text"] = "";
                foreach (JsonNode? citation in (start["citations"] as JsonArray) ?? []) deltas.Add(new JsonObject { ["type"] = "citations_delta", ["citation"] = citation!.DeepClone() });
                if (deltas.Count > 0) start["citations"] = new JsonArray();
                deltas.AddRange(Pieces("text_delta", "text", (string)block["text"]!));
                break;
            case "thinking":
                (start["thinking"], start["signature"]) = ("", "");
                deltas.AddRange(Pieces("thinking_delta", "thinking", (string)block["thinking"]!));
                deltas.Add(new JsonObject { ["type"] = "signature_delta", ["signature"] = block["signature"]!.DeepClone() });
                break;
            case "compaction":
                start["content"] = null;
                deltas.AddRange(Pieces("compaction_delta", "content", (string)block["content"]!));
                break;
            case var type when type.EndsWith("tool_use", StringComparison.Ordinal):
                start["input"] = new JsonObject();
                string input = block["input"]!.ToJsonString();
                deltas.AddRange(Pieces("input_json_delta", "partial_json", input == "{}" ? "" : input));
                break;
        }

        yield return new JsonObject { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = start }.ToJsonString();
        foreach (JsonObject delta in deltas) yield return new JsonObject { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = delta }.ToJsonString();
        yield return new JsonObject { ["type"] = "content_block_stop", ["index"] = index }.ToJsonString();
    }

    private static IEnumerable<JsonObject> Pieces(string type, string member, string text)
    {
        for (int i = 0; i < text.Length || i == 0; i += Piece)
            yield return new JsonObject { ["type"] = type, [member] = text.Length == 0 ? "" : text.Substring(i, Math.Min(Piece, text.Length - i)) };
    }
}
