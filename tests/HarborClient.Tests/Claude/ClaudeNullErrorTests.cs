using HarborClient.Tests.EveryProvider;
using HarborClient.Tests.Hostile;

namespace HarborClient.Tests.Claude;

// Gateways add "error": null to answers that have none. Whatever member follows it counts.
public sealed class ClaudeNullErrorTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("false")]
    public async Task A_plain_answer_keeps_what_follows_an_error_that_is_none(string none)
    {
        await using FastClient client = Client(
            $$$"""{"type":"message","error":{{{none}}},"content":[{"type":"text","text":"all of it"}],"error":{{{none}}},"stop_reason":"max_tokens","error":{{{none}}},"usage":{"input_tokens":3,"output_tokens":2},"error":{{{none}}}}""",
            Wire.Json);

        ChatResponse answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("all of it");
        answer.FinishReason.Should().Be(ChatFinishReason.Length);
        answer.Usage!.InputTokenCount.Should().Be(3);
    }

    [Fact]
    public async Task A_stream_keeps_what_follows_it_too()
    {
        await using FastClient client = Client(string.Concat(new[]
        {
            """{"message":{"error":null,"id":"msg_1","model":"m-1","error":null},"type":"message_start"}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"all of it"}}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""",
            """{"type":"message_stop"}""",
        }.Select(payload => $"data: {payload}\n\n")), Wire.EventStream);

        ChatResponse answer = await client.GetStreamingResponseAsync("hi").ToChatResponseAsync();

        answer.Text.Should().Be("all of it");
        answer.ResponseId.Should().Be("msg_1");
    }

    private static FastClient Client(string body, string contentType) => ProviderUnderTest.Named("claude").Create(HostileHandler.Answering(body, contentType));
}
