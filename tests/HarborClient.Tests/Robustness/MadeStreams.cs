using System.Text;

namespace HarborClient.Tests.Robustness;

// Streams of one kind of event after another, with texts that are hard to read: halves of surrogate pairs, escapes that JSON does not have, quotes that end
// the text too early, control characters, nothing.
internal sealed class MadeStreams(int seed)
{
    private const string Chat = """{"id":"c1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{DELTA},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"PADDING"}""";

    // Provider, the event with TEXT, PADDING, NUMBER and BLANKS in it, and how its stream begins and ends.
    private static readonly (string Provider, string Event)[] Kinds =
    [
        ("openai-chat", Chat.Replace("{DELTA}", """{"content":"TEXT"}""")),
        ("openai-chat", Chat.Replace("{DELTA}", """{"refusal":"TEXT"}""")),
        ("openai-chat", Chat.Replace("{DELTA}", """{"content":"TEXT","annotations":[{"type":"url_citation","url_citation":{"url":"http://a"}}]}""")),
        ("openai-chat", Chat.Replace("{DELTA}", """{"content":"TEXT"}""").Replace("null,\"finish", """{"content":[{"token":"a","logprob":-1}],"refusal":null},"finish""")),
        ("openai-chat", """{"obfuscation":"PADDING","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"TEXT"}}]},"index":0}]BLANKS}"""),
        ("compat", """{"choices":[{"index":0,"delta":{"reasoning_content":"TEXT","content":""}}]BLANKS}"""),
        ("compat", """{"choices":[{"index":0,"delta":{"reasoning":"TEXT","reasoning_content":"again","content":"b"}}]}"""),
        ("compat", """{"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"TEXT"}]}]}}]}"""),
        ("compat", """{"choices":[{"index":0,"delta":{"tool_calls":[{"id":"one","function":{"name":"f","arguments":"TEXT"}}]}}]}"""),
        ("compat", """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"name":"f","arguments":"TEXT"}},{"index":2,"id":"","function":{"name":"g"}}]}}]}"""),
        ("compat", """{"choices":[{"index":0,"delta":{"function_call":{"name":"f","arguments":"TEXT"}}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"""),
        ("compat", """{"choices":[{"index":NUMBER,"delta":{"content":"TEXT"}}],"created":NUMBER}"""),
        ("compat", """[{"choices":[{"index":0,"message":{"content":"TEXT"}}]BLANKS}]"""),
        ("zhipu", """{"id":"z","request_id":"r","choices":[{"index":0,"delta":{"role":"assistant","content":"TEXT"}}],"web_search":[{"title":"a","link":"http://a"}]}"""),
        ("zhipu", """{"id":"z","request_id":"r","choices":[{"index":0,"delta":{"role":"assistant","content":"TEXT"}}]}"""),
        ("anthropic", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"TEXT"}BLANKS}"""),
        ("anthropic", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"TEXT"},"usage":{"output_tokens":NUMBER}}"""),
        ("anthropic", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"TEXT","citation":{"type":"char_location","cited_text":"a"}}BLANKS}"""),
        ("anthropic", """{"type":"content_block_delta","index":1,"delta":{"type":"thinking_delta","thinking":"TEXT"}BLANKS}"""),
        ("anthropic", """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"TEXT"}BLANKS}"""),
        ("anthropic", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"TEXT"}BLANKS}"""),
        ("openai-responses", """{"type":"response.output_text.delta","sequence_number":NUMBER,"item_id":"i","output_index":0,"content_index":0,"delta":"TEXT","logprobs":[],"obfuscation":"PADDING"}"""),
        ("openai-responses", """{"type":"response.reasoning_summary_text.delta","sequence_number":NUMBER,"item_id":"j","output_index":1,"delta":"TEXT"}"""),
        ("openai-responses", """{"type":"response.function_call_arguments.delta","sequence_number":NUMBER,"item_id":"k","output_index":2,"delta":"TEXT"BLANKS}"""),
    ];

    private static readonly string[] Opening =
    [
        """data: {"type":"message_start","message":{"id":"m","model":"x"}}""",
        """data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}""",
    ];

    private static readonly string[] Atoms =
        ["word ", "a", "散", "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "😀", "{", "}", ",", "\\u0000", " ", "\u007F"];

    private static readonly string[] Spoilt = ["\"", "\\", "\\x", "\\u12G4", "\\u12", "\t", "\u0001", "\",\"content\":\"", "\"}"];

    private readonly Random _random = new(seed);

    // Whose client reads it, and the body.
    public (string Provider, byte[] Body) Next()
    {
        string provider = Kinds[_random.Next(Kinds.Length)].Provider;
        string[] events = [.. Kinds.Where(kind => kind.Provider == provider).Select(kind => kind.Event)];
        var body = new StringBuilder();
        if (provider == "anthropic") foreach (string line in Opening) body.Append(line).Append("\n\n");
        bool isSpoilt = _random.Next(3) == 0;
        string kind = events[_random.Next(events.Length)];
        for (int count = 3 + _random.Next(20); count > 0; count--)
        {
            if (_random.Next(6) == 0) kind = events[_random.Next(events.Length)];
            body.Append("data: ").Append(Event(kind, isSpoilt)).Append("\n\n");
        }

        body.Append(provider switch
        {
            "anthropic" => "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
            "openai-responses" => "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[]}}\n\n",
            _ => "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        });
        return (provider, Encoding.UTF8.GetBytes(body.ToString()));
    }

    private string Event(string kind, bool isSpoilt) => kind
        .Replace("TEXT", Text(isSpoilt))
        .Replace("PADDING", isSpoilt && _random.Next(20) == 0 ? Spoilt[_random.Next(Spoilt.Length)] : new string('x', _random.Next(5)))
        .Replace("NUMBER", _random.Next(12) switch { 0 => "01", 1 => "1.5", 2 => "-1", 3 => "1e1", 4 => "null", _ => $"{_random.Next(3)}" })
        .Replace("BLANKS", _random.Next(12) == 0 ? "\t" : new string(' ', _random.Next(4)));

    private string Text(bool isSpoilt)
    {
        var text = new StringBuilder();
        for (int atoms = _random.Next(4); atoms > 0; atoms--) text.Append(Atoms[_random.Next(Atoms.Length)]);
        if (isSpoilt && _random.Next(8) == 0) text.Append(Spoilt[_random.Next(Spoilt.Length)]);
        return text.ToString();
    }
}
