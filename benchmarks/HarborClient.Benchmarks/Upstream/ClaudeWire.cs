using System.Text;

namespace HarborClient.Benchmarks.Upstream;

/// <summary>Anthropic's messages, padded like the real ones (blanks before an event's last brace).</summary>
internal static class ClaudeWire
{
    private const string Usage = "\"input_tokens\":140,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0}";

    internal static byte[] Answer() => Encoding.UTF8.GetBytes(
        $$$"""{"model":"claude-haiku-4-5","id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"{{{Words.Answer}}}"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{{{Usage}}},"output_tokens":126,"service_tier":"standard"}}""");

    /// <summary>The events of a stream, each with its blank line.</summary>
    internal static byte[][] Stream(StreamKind kind)
    {
        var random = new Random(1);
        var events = new List<byte[]>(Words.Updates + 8)
        {
            Event("message_start", $$$"""{"type":"message_start","message":{"model":"claude-haiku-4-5","id":"msg_1","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{{{{Usage}}},"output_tokens":1,"service_tier":"standard"}}""", 10),
        };
        int block = 0;
        string current = "";
        for (int i = 0; i < Words.Updates; i++)
        {
            string type = kind == StreamKind.Tools ? "tool_use" : kind == StreamKind.Reasoning && i < Words.Updates * 3 / 4 ? "thinking" : "text";
            if (type != current)
            {
                if (current.Length > 0) End(events, current, block++);
                events.Add(Event("content_block_start", $$"""{"type":"content_block_start","index":{{block}},"content_block":{{Start(type)}}""", 4));
                if (current.Length == 0) events.Add("event: ping\ndata: {\"type\": \"ping\"}\n\n"u8.ToArray());
                current = type;
            }

            events.Add(Event("content_block_delta", $$"""{"type":"content_block_delta","index":{{block}},"delta":{{Delta(type, i)}}""", random.Next(Words.MaxPadding + 1)));
        }

        End(events, current, block);
        string reason = kind == StreamKind.Tools ? "tool_use" : "end_turn";
        events.Add(Event("message_delta", $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}","stop_sequence":null},"usage":{{{{Usage}}},"output_tokens":200}""", 3));
        events.Add(Event("message_stop", "{\"type\":\"message_stop\"", 6));
        return [.. events];
    }

    private static void End(List<byte[]> events, string type, int block)
    {
        if (type == "thinking")
            events.Add(Event("content_block_delta", $$$"""{"type":"content_block_delta","index":{{{block}}},"delta":{"type":"signature_delta","signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pki"}""", 5));
        events.Add(Event("content_block_stop", $$"""{"type":"content_block_stop","index":{{block}}""", 8));
    }

    private static string Start(string type) => type switch
    {
        "tool_use" => """{"type":"tool_use","id":"toolu_1","name":"look_up","input":{}}""",
        "thinking" => """{"type":"thinking","thinking":"","signature":""}""",
        _ => """{"type":"text","text":""}""",
    };

    private static string Delta(string type, int index) => type switch
    {
        "tool_use" => $$"""{"type":"input_json_delta","partial_json":"{{Words.ArgumentPiece(index)}}"}""",
        "thinking" => $$"""{"type":"thinking_delta","thinking":"{{Words.Piece(index)}}"}""",
        _ => $$"""{"type":"text_delta","text":"{{Words.Piece(index)}}"}""",
    };

    /// <summary>An event from its JSON without the last brace.</summary>
    private static byte[] Event(string name, string json, int padding) => Encoding.UTF8.GetBytes($"event: {name}\ndata: {json}{new string(' ', padding)}}}\n\n");
}
