using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Fixtures;
using static HarborClient.Tests.OpenAI.ResponsesClients;

namespace HarborClient.Tests.OpenAI;

// An answer goes into the history, and the next request sends back what the provider needs.
public sealed class ResponsesRoundTripTests
{
    private const string Reasoning = """{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"First."},{"type":"summary_text","text":"Then."}],"encrypted_content":"gAAAAAB1"}""";
    private const string Search = """{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"x"}}""";
    private const string Call = """{"id":"fc_1","type":"function_call","call_id":"call_1","name":"now","arguments":"{}"}""";
    private const string CallSentBack = """{"type":"function_call","call_id":"call_1","name":"now","arguments":"{}"}""";
    private const string Question = """{"role":"user","content":"hi"}""";

    private static readonly string Plain = $$"""{"id":"resp_1","status":"completed","model":"m","store":true,"output":[{{Reasoning}},{{Search}},{{Call}}]}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_and_hosted_items_go_back_as_they_came(bool isThroughJson)
    {
        var provider = new ProviderEmulator().ThenRaw(Plain, "application/json");
        await using FastClient client = Of(provider);
        ChatResponse answer = await client.AskAsync();
        if (isThroughJson) answer = JsonSerializer.Deserialize<ChatResponse>(JsonSerializer.Serialize(answer, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi"), .. answer.Messages, new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", "noon")])]);

        provider.Body(1).GetProperty("input").ShouldBeJson($$"""[{{Question}},{{Reasoning}},{{Search}},{{CallSentBack}},{"type":"function_call_output","call_id":"call_1","output":"noon"}]""");
    }

    [Fact]
    public async Task A_folded_stream_goes_back_with_its_encrypted_reasoning_before_what_it_led_to()
    {
        var provider = new ProviderEmulator().ThenRaw(
            Stream(
                Created,
                Item("added", 0, """{"id":"rs_1","type":"reasoning","summary":[]}"""),
                Delta("reasoning_summary_text", 0, "First."), Delta("reasoning_summary_text", 0, "Then."),
                Item("done", 0, Reasoning), Item("done", 1, Search),
                Item("added", 2, Call), Item("done", 2, Call), Completed()),
            "text/event-stream");
        await using FastClient client = Of(provider);
        ChatResponse answer = await client.FoldedAsync();

        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi"), .. answer.Messages, new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", "noon")])]);

        JsonElement input = provider.Body(1).GetProperty("input");
        input.EnumerateArray().Select(item => item.TryGetProperty("type", out JsonElement type) ? type.GetString() : "message")
            .Should().Equal("message", "reasoning", "web_search_call", "function_call", "function_call_output");
        input[1].GetProperty("encrypted_content").GetString().Should().Be("gAAAAAB1");
        input[2].ShouldBeJson(Search);
        answer.Contents()[0].Should().BeOfType<TextReasoningContent>().Which.Text.Should().Be("First.Then.");
    }

    [Fact]
    public async Task Streamed_reasoning_without_text_goes_back_exactly()
    {
        const string Bare = """{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAAAAB1"}""";
        var provider = new ProviderEmulator().ThenRaw(Stream(Created, Item("done", 0, Bare), Item("done", 1, Call), Completed()), "text/event-stream");
        await using FastClient client = Of(provider);
        ChatResponse answer = await client.FoldedAsync();

        await client.GetResponseAsync([.. answer.Messages]);

        provider.Body(1).GetProperty("input").ShouldBeJson($"[{Bare},{CallSentBack}]");
    }

    [Fact]
    public async Task A_stored_answer_is_continued_by_its_id()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Of(provider);
        ChatResponse first = await client.AskAsync();

        await client.AskAsync("and?", new ChatOptions { ConversationId = first.ConversationId });

        first.ConversationId.Should().StartWith("resp_").And.Be(first.ResponseId);
        provider.Body(1).ShouldBeJson($$"""{"model":"gpt-4o-mini","input":[{"role":"user","content":"and?"}],"previous_response_id":"{{first.ConversationId}}"}""");
    }

    [Fact]
    public async Task An_answer_that_is_not_stored_has_no_conversation()
    {
        await using FastClient client = Of(new ProviderEmulator());
        var options = new ChatOptions { AdditionalProperties = new() { ["store"] = false } };

        (await client.AskAsync(options: options)).ConversationId.Should().BeNull();
        (await client.UpdatesAsync(options: options)).ToHarborResponse().ConversationId.Should().BeNull();
    }

    [Fact]
    public async Task The_answer_of_chat_completions_has_no_conversation()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());

        (await client.AskAsync()).ConversationId.Should().BeNull();
    }
}
