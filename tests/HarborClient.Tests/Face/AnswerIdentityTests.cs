using HarborClient.Testing;

namespace HarborClient.Tests.Face;

// Which id and model an answer goes by, when hosts say it late, early, or not at all.
public sealed class AnswerIdentityTests
{
    private readonly ProviderEmulator _provider = new();

    [Theory]
    [InlineData("""{"id":"chat-1","created":1700000000,"model":"real-model","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"}}],"model":"real-model","created":1700000000,"id":"chat-1"}""")]
    public async Task A_first_event_that_already_has_text_gives_its_update_id_and_model(string first)
    {
        _provider.ThenRaw($"data: {first}\n\ndata: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n", "text/event-stream");
        await using FastClient client = Emulated.OpenAI(_provider);

        List<ChatResponseUpdate> updates = await client.UpdatesAsync();

        updates.Should().OnlyContain(update => update.ResponseId == "chat-1" && update.ModelId == "real-model");
        updates[0].Text.Should().Be("Hello");
        updates[0].CreatedAt.Should().Be(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    }

    [Fact]
    public async Task Without_an_id_the_answer_goes_by_its_message_id_and_the_model_asked_for()
    {
        const string Answer = """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}""";
        _provider.ThenRaw(Answer, "application/json").ThenRaw($"data: {Answer.Replace("message", "delta", StringComparison.Ordinal)}\n\ndata: [DONE]\n\n", "text/event-stream");
        await using FastClient client = Emulated.OpenAI(_provider);

        ChatResponse plain = await client.AskAsync();
        List<ChatResponseUpdate> updates = await client.UpdatesAsync();

        plain.ResponseId.Should().NotBeNullOrEmpty().And.Be(plain.Messages.Single().MessageId);
        plain.ModelId.Should().Be("gpt-4o-mini");
        updates.Should().OnlyContain(update => update.ModelId == "gpt-4o-mini" && update.ResponseId == updates[0].MessageId);
    }
}
