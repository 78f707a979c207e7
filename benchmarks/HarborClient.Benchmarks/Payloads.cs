using System.Globalization;
using System.Text;

namespace HarborClient.Benchmarks;

/// <summary>What goes over the wire, padded like the real thing.</summary>
internal static class Payloads
{
    private const int Updates = 200;

    /// <summary>About 600 bytes.</summary>
    internal static readonly string Question = string.Concat(Enumerable.Repeat("Explain in plain words why the sky is blue at noon. ", 12))[..600];

    /// <summary>A plain answer of about 1 KB.</summary>
    internal static byte[] Answer()
    {
        string text = string.Concat(Enumerable.Repeat("Air scatters blue light more than red. ", 14));
        return Encoding.UTF8.GetBytes(
            $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":140,"completion_tokens":126,"total_tokens":266,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0} },"system_fingerprint":"fp_1"}""");
    }

    /// <summary>200 updates with obfuscation of 0 to 33 characters, escapes and CJK in a fifth of them.</summary>
    internal static byte[] Stream()
    {
        // A fixed seed: every run moves the same bytes.
        var random = new Random(1);
        var body = new StringBuilder();
        Append(body, """{"role":"assistant","content":"","refusal":null}""", "null", 0);
        for (int i = 0; i < Updates; i++)
        {
            string word = (i % 10) switch { 0 => "\\n\\\"quoted\\\" ", 5 => "散乱 ", _ => string.Create(CultureInfo.InvariantCulture, $"word{i} ") };
            Append(body, $$"""{"content":"{{word}}"}""", "null", random.Next(34));
        }

        Append(body, "{}", "\"stop\"", 0);
        body.Append("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":140,\"completion_tokens\":200,\"total_tokens\":340}}\n\n");
        body.Append("data: [DONE]\n\n");
        return Encoding.UTF8.GetBytes(body.ToString());
    }

    private static void Append(StringBuilder body, string delta, string finishReason, int padding) =>
        body.Append(CultureInfo.InvariantCulture, $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finishReason}}}],"usage":null,"obfuscation":"{{new string('x', padding)}}"}""")
            .Append("\n\n");
}
