using System.Globalization;
using System.Text;

namespace HarborClient.Benchmarks.Upstream;

/// <summary>OpenAI's chat completions, padded like the real ones.</summary>
internal static class ChatWire
{
    private const string Head = """data: {"id":"chatcmpl-C1sYF3mV0pXq9","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","service_tier":"default","system_fingerprint":"fp_560af6e559","choices":[""";

    private const string Chunk = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","choices":[""";

    internal static byte[] Answer() => Encoding.UTF8.GetBytes(
        $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{Words.Answer}}}","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":140,"completion_tokens":126,"total_tokens":266,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0} },"system_fingerprint":"fp_1"}""");

    /// <summary>The events of a stream, each with its blank line.</summary>
    internal static byte[][] Stream(StreamKind kind)
    {
        var random = new Random(1);
        var events = new List<byte[]>(Words.Updates + 4) { Choice("""{"role":"assistant","content":"","refusal":null}""", "null", 0) };
        if (kind == StreamKind.Tools)
            events[0] = Choice("""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look_up","arguments":""}}],"refusal":null}""", "null", 0);
        for (int i = 0; i < Words.Updates; i++) events.Add(Choice(Delta(kind, i), "null", random.Next(Words.MaxPadding + 1)));
        events.Add(Choice("{}", kind == StreamKind.Tools ? "\"tool_calls\"" : "\"stop\"", 0));
        events.Add(Encoding.UTF8.GetBytes(Head + """],"usage":{"prompt_tokens":140,"completion_tokens":200,"total_tokens":340,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"obfuscation":""}""" + "\n\n"));
        events.Add("data: [DONE]\n\n"u8.ToArray());
        return [.. events];
    }

    /// <summary>A whole stream whose text comes in one piece.</summary>
    /// <param name="text">As it stands inside a JSON string.</param>
    internal static byte[] Short(string text) => Encoding.UTF8.GetBytes(
        Chunk + $$"""{"index":0,"delta":{"role":"assistant","content":"{{text}}"},"finish_reason":null}]}""" + "\n\n"
        + Chunk + """{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n"
        + Chunk + """],"usage":{"prompt_tokens":140,"completion_tokens":126,"total_tokens":266}}""" + "\n\ndata: [DONE]\n\n");

    private static string Delta(StreamKind kind, int index) => kind switch
    {
        StreamKind.Tools => $$$"""{"tool_calls":[{"index":0,"function":{"arguments":"{{{Words.ArgumentPiece(index)}}}"}}]}""",
        StreamKind.Reasoning when index < Words.Updates * 3 / 4 => $$"""{"reasoning_content":"{{Words.Piece(index)}}"}""",
        _ => $$"""{"content":"{{Words.Piece(index)}}"}""",
    };

    private static byte[] Choice(string delta, string finishReason, int padding) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{{Head}}{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finishReason}}}],"usage":null,"obfuscation":"{{Padding(padding)}}"}""") + "\n\n");

    private static string Padding(int length) => "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY2z"[..length];
}
