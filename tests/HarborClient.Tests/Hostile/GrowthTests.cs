using System.Text.Json;
using HarborClient.Tests.EveryProvider;

namespace HarborClient.Tests.Hostile;

// What a host can make many of with few bytes costs time and memory that grow with the bytes, or ends the answer.
public sealed class GrowthTests
{
    // Well under a second each; where work grows with the square of the number, more than 20 s.
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(5);

    private const string ClaudeStart = """data: {"type":"message_start","message":{"id":"m","model":"x","content":[]}}""" + "\n\n";
    private const string ClaudeEnd = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
    private const string GeminiEnd = """data: {"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"text"}]}}]}""" + "\n\n";
    private const string ResponsesEnd = """data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}""" + "\n\n";

    // Provider, what comes before, what is repeated, what comes after: one annotation or content an event.
    public static TheoryData<string, string, string, string> Streams => new()
    {
        { "openai", "", """data: {"choices":[{"delta":{"annotations":[{}]}}]}""" + "\n\n", Wire.End },
        { "openai", "", """data: {"choices":[{"delta":{"images":[{}]}}]}""" + "\n\n", Wire.End },
        { "claude", ClaudeStart, """data: {"type":"content_block_start","index":0,"content_block":{"type":"text","citations":[{}]}}""" + "\n\n", ClaudeEnd },
        { "claude", ClaudeStart, """data: {"type":"content_block_start","index":0,"content_block":{"type":"new"}}""" + "\n\n", ClaudeEnd },
        { "gemini", "", """data: {"candidates":[{"citationMetadata":{"citations":[{}]}}]}""" + "\n\n", GeminiEnd },
        {
            "responses", "",
            "data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{}}\n\ndata: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{}}\n\n",
            ResponsesEnd
        },
    };

    // The same in one plain answer, where each takes three bytes.
    public static TheoryData<string, string, string> Bodies => new()
    {
        { "openai", """{"choices":[{"message":{"content":"a","annotations":[{}""", "]},\"finish_reason\":\"stop\"}]}" },
        { "openai", """{"choices":[{"message":{"content":"a","images":[{}""", "]},\"finish_reason\":\"stop\"}]}" },
        { "claude", """{"content":[{"type":"text","text":"a"}""", "],\"stop_reason\":\"end_turn\"}" },
        { "claude", """{"content":[{"type":"text","text":"a","citations":[{}""", "]}],\"stop_reason\":\"end_turn\"}" },
        { "responses", """{"status":"completed","output":[{"type":"message","content":[{}""", "]}]}" },
        { "responses", """{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a","annotations":[{}""", "]}]}]}" },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Things_without_end_in_a_stream_end_the_answer(string provider, string before, string repeated, string after)
    {
        await using FastClient client = Client(provider, before + Wire.Repeated(repeated, 50_000) + after, Wire.EventStream);

        Task<ChatResponse> answer = Task.Run(() => client.GetStreamingResponseAsync("hi").ToChatResponseAsync());

        (await HostileClients.ErrorAsync(() => answer.WaitAsync(Guard))).Message.Should().Contain("annotations and contents");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Thousands_of_them_are_a_whole_answer(string provider, string before, string repeated, string after)
    {
        await using FastClient client = Client(provider, before + Wire.Repeated(repeated, 10_000) + after, Wire.EventStream);

        ChatResponse answer = await Task.Run(() => client.GetStreamingResponseAsync("hi").ToChatResponseAsync()).WaitAsync(Guard);

        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        answer.Messages.SelectMany(message => message.Contents).Sum(content => content.Annotations?.Count ?? 1).Should().BeGreaterThanOrEqualTo(10_000);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Things_of_three_bytes_each_do_not_fill_the_memory(string provider, string before, string after)
    {
        await using FastClient client = Client(provider, before + Wire.Repeated(",{}", 1_000_000) + after, Wire.Json);

        HarborException error = await HostileClients.ErrorAsync(() => Task.Run(() => client.GetResponseAsync("hi")).WaitAsync(Guard));

        error.Message.Should().Contain("annotations and contents");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("openai", """{"choices":[{"message":{"content":"a"},"finish_reason":"stop","logprobs":{"content":[0""", "]}}]}")]
    [InlineData("responses", """{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a","logprobs":[0""", "]}]}]}")]
    public async Task A_million_probabilities_cost_what_their_bytes_cost(string provider, string before, string after)
    {
        await using FastClient client = Client(provider, before + Wire.Repeated(",1", 1_000_000) + after, Wire.Json);

        // Of this thread, which the whole call stays on: nothing here waits, and other tests run beside it.
        int thread = Environment.CurrentManagedThreadId;
        long start = GC.GetAllocatedBytesForCurrentThread();
        ChatResponse answer = await client.GetResponseAsync("hi");
        long allocated = GC.GetAllocatedBytesForCurrentThread() - start;

        Environment.CurrentManagedThreadId.Should().Be(thread);
        allocated.Should().BeLessThan(100_000_000, "2 MB came; an object for each is more than twice as much");
        JsonElement probabilities = answer.AdditionalProperties!["logprobs"].Should().BeOfType<JsonElement>().Which;
        probabilities.GetProperty("content").GetArrayLength().Should().Be(1_000_001);
    }

    private static FastClient Client(string provider, string body, string contentType) =>
        ProviderUnderTest.Named(provider).Create(HostileHandler.Answering(body, contentType));
}
