using System.Text;
using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Robustness;

// A recorded stream of events, and what can be known of it without the library: where its events end, and where the answer is whole.
internal sealed class RecordedStream
{
    private RecordedStream(RecordedExchange exchange)
    {
        Provider = exchange.Provider;
        Name = exchange.Name;
        Body = exchange.Body.ToArray();
        (EventEnds, End, EndCount) = Scan(Body, exchange.Provider);
    }

    public string Provider { get; }

    public string Name { get; }

    public byte[] Body { get; }

    // Offsets after which an event is complete, its line break not counted.
    public IReadOnlyList<int> EventEnds { get; }

    // From here on a cut leaves a whole answer; int.MaxValue where the stream has no end marker, or an error.
    public int End { get; }

    // Old Gemini hosts say on every event that it is the last: a clean cut between two of those cannot be told from an end, by anybody.
    public bool RepeatsItsEnd => Provider == "gemini" && EndCount > 1;

    // Dialects in which an answer is whole after its finish reason, although more may follow: what follows may still be cut.
    public bool MayBreakAfterEnd => Provider is "compat" or "zhipu" or "gemini";

    private int EndCount { get; }

    public static IReadOnlyList<RecordedStream> All() =>
        [.. RecordedClients.Providers.SelectMany(RecordedTraffic.Of).Where(IsStream).Select(exchange => new RecordedStream(exchange))];

    private static bool IsStream(RecordedExchange exchange) =>
        exchange.IsStreaming && exchange.StatusCode == 200 && exchange.Body.Span.IndexOf("data:"u8) >= 0 && exchange.ReadExpected()?.GetProperty("kind").GetString() == "chat";

    private static (List<int> Ends, int End, int EndCount) Scan(byte[] body, string provider)
    {
        List<int> ends = [];
        int whole = int.MaxValue;
        int position = 0;
        int count = 0;
        while (position < body.Length)
        {
            int length = body.AsSpan(position).IndexOfAny((byte)'\n', (byte)'\r');
            ReadOnlySpan<byte> line = length < 0 ? body.AsSpan(position) : body.AsSpan(position, length);
            if (line.StartsWith("data:"u8))
            {
                int end = position + line.TrimEnd((byte)' ').Length;
                ends.Add(end);
                if (IsEnd(provider, Encoding.UTF8.GetString(line["data:".Length..]).Trim()))
                {
                    count++;
                    whole = Math.Min(whole, end);
                }
            }

            position += line.Length + 1;
        }

        return (ends, whole, count);
    }

    private static bool IsEnd(string provider, string data)
    {
        if (data == "[DONE]") return provider is "openai-chat" or "compat" or "zhipu";
        if (!data.StartsWith('{')) return false;
        using JsonDocument json = JsonDocument.Parse(data);
        JsonElement root = json.RootElement;
        string? type = root.TryGetProperty("type", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        return provider switch
        {
            "anthropic" => type == "message_stop",
            "openai-responses" => type is "response.completed" or "response.incomplete" or "response.failed",
            "compat" or "zhipu" => First(root, "choices") is { } choice && Says(choice, "finish_reason"),
            "gemini" => (First(root, "candidates") is { } candidate && Says(candidate, "finishReason")) || (root.TryGetProperty("promptFeedback", out JsonElement feedback) && Says(feedback, "blockReason")),
            _ => false,
        };
    }

    private static JsonElement? First(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement array) && array.ValueKind == JsonValueKind.Array && array.GetArrayLength() > 0 ? array[0] : null;

    private static bool Says(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0;
}
