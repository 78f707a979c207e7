using System.Text.Json;
using System.Text.Json.Serialization;
using HarborClient.Testing;
using HarborClient.Tests.EveryProvider;

namespace HarborClient.Tests.Transport;

// What a long request takes beyond its bytes, once the pools are warm. Counted on one thread, which does all of it; the least of several calls, because other tests use the pools too.
public sealed class RequestMemoryTests : IDisposable
{
    private const int Calls = 40;

    private readonly FixedAnswerHandler _handler = new();

    [Fact]
    public void A_request_with_a_4_MB_image_takes_a_small_part_of_its_payload()
    {
        using FastClient client = Client();
        byte[] image = new byte[4 << 20];
        new Random(3).NextBytes(image);

        long bytes = LeastOf(client, () => [new ChatMessage(ChatRole.User, [new TextContent("What is in this picture?"), new DataContent(image, "image/png")])], null);

        _handler.BytesRead.Should().BeGreaterThan(image.Length * 4L / 3);
        bytes.Should().BeLessThan(image.Length / 10);
    }

    [Fact]
    public void An_agents_request_of_100_KB_takes_less_than_12_KB()
    {
        using FastClient client = Client();
        string text = string.Concat(Enumerable.Repeat("the harbour is calm — 港は静か\n", 100));
        ChatMessage[] talk = [.. Enumerable.Range(0, 32).Select(i => (i % 4) switch
        {
            1 => new ChatMessage(ChatRole.Assistant, [new TextContent(text), new FunctionCallContent($"call_{i}", "tool_3", new Dictionary<string, object?> { ["query"] = text })]),
            2 => new ChatMessage(ChatRole.Tool, [new FunctionResultContent($"call_{i - 1}", JsonSerializer.SerializeToElement(text))]),
            3 => new ChatMessage(ChatRole.Assistant, text),
            _ => new ChatMessage(ChatRole.User, [new TextContent(text), new TextContent("and?")]),
        })];
        var options = new ChatOptions { Tools = [.. Enumerable.Range(0, 20).Select(i => AIFunctionFactory.Create((string city, int days) => city + days, $"tool_{i}", text[..400]))] };

        long bytes = LeastOf(client, () => talk, options);

        _handler.BytesRead.Should().BeGreaterThan(100_000);
        bytes.Should().BeLessThan(12 << 10);
    }

    [Fact]
    public void A_converter_that_asks_a_model_itself_while_a_request_is_written_spoils_neither_request()
    {
        using FastClient inner = Client();
        var asking = new AskingConverter(inner);
        var emulator = new ProviderEmulator();
        using FastClient client = FastClient.Create(h => h
            .AddOpenAI("key-7Qm2xWv9", o => o.SendOnceThrough(emulator.CreateHandler())).UseDefaultModel("openai/gpt-4o-mini")
            .UseJsonOptions(new JsonSerializerOptions(AIJsonUtilities.DefaultOptions) { WriteIndented = false, Converters = { asking } }));
        var call = new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["place"] = new Place("Oslo") });

        client.GetResponseAsync([new(ChatRole.User, "hi"), new(ChatRole.Assistant, [call]), new(ChatRole.Tool, [new FunctionResultContent("c", new Place("Rome"))])]).IsCompletedSuccessfully.Should().BeTrue();

        JsonElement messages = emulator.Attempts[0].BodyJson!.Value.GetProperty("messages");
        messages[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().Should().Be("""{"place":"Oslo"}""");
        messages[2].GetProperty("content").GetString().Should().Be("\"Rome\"");
        asking.Asked.Should().BeGreaterThanOrEqualTo(2, "both values were written");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    public void Dispose() => _handler.Dispose();

    private FastClient Client() => ProviderUnderTest.Named("openai").Create(_handler);

    private static long LeastOf(FastClient client, Func<ChatMessage[]> messages, ChatOptions? options)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Calls; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Task<ChatResponse> answer = client.GetResponseAsync(messages(), options);
            answer.IsCompletedSuccessfully.Should().BeTrue("all of it happens on this thread");
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private sealed record Place(string Name);

    private sealed class AskingConverter(FastClient client) : JsonConverter<Place>
    {
        public int Asked { get; private set; }

        public override Place Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Place value, JsonSerializerOptions options)
        {
            if (client.GetResponseAsync("Is there such a place?").IsCompletedSuccessfully) Asked++;
            writer.WriteStringValue(value.Name);
        }
    }
}
