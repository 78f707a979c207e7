using HarborClient.Testing;

namespace HarborClient.Tests.Fixtures;

// Ways of hosts that the transcripts do not show, each in the fewest bytes that show it.
public sealed class DialectTests
{
    private const string Finish = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("{\"id\":\"resp-1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"at once\"}}]}")]
    [InlineData("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"at once\"}}],\"model\":\"m-1\",\"id\":\"resp-1\"}")]
    public async Task The_first_update_carries_the_response_id_although_the_first_event_has_text(string first)
    {
        await using var client = Client($"data: {first}\n\n{Finish}");

        var updates = await client.GetStreamingResponseAsync("hi").ToListAsync();

        updates[0].Text.Should().Be("at once");
        updates.Should().OnlyContain(update => update.ResponseId == "resp-1" && update.ModelId == "m-1");
    }

    [Fact]
    public async Task An_id_that_comes_later_than_the_model_is_taken()
    {
        await using var client = Client(
            "data: {\"id\":\"\",\"model\":\"m-1\",\"choices\":[]}\n\n"
            + "data: {\"id\":\"resp-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n" + Finish);

        var updates = await client.GetStreamingResponseAsync("hi").ToListAsync();

        updates.Should().OnlyContain(update => update.ResponseId == "resp-1" && update.ModelId == "m-1");
    }

    [Fact]
    public async Task A_function_call_of_the_old_form_is_a_tool_call()
    {
        await using var client = Client(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"name\":\"weather\",\"arguments\":\"\"}}}]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"{\\\"city\\\":\"}}}]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"\\\"Oslo\\\"}\"}}}]}\n\n" + Finish);

        var answer = (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();

        var call = answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Should().ContainSingle().Subject;
        call.Name.Should().Be("weather");
        call.CallId.Should().NotBeNullOrEmpty();
        call.Arguments!["city"]!.ToString().Should().Be("Oslo");
    }

    [Fact]
    public async Task Reasoning_tokens_beside_the_details_are_counted()
    {
        await using var client = Client(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":9,\"reasoning_tokens\":5,\"completion_tokens_details\":{}}}\n\n" + Finish);

        var answer = (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();

        answer.Usage!.ReasoningTokenCount.Should().Be(5);
        answer.Usage.OutputTokenCount.Should().Be(9);
    }

    [Theory]
    [InlineData("{\"error\":{\"message\":\"no\",\"code\":\"content_filter\"}}")]
    [InlineData("{\"choices\":[],\"error\":{\"message\":\"no\",\"code\":\"content_filter\"}}")]
    public async Task An_error_inside_an_answer_has_the_request_id_of_the_answer(string body)
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw(body, "application/json").Header("x-request-id", "req-7"));
        await using var client = TestClients.Balanced(provider, _time);

        var act = () => client.GetResponseAsync("hi");

        var error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.ContentFiltered);
        error.RequestId.Should().Be("req-7");
    }

    private FastClient Client(string stream) => TestClients.Balanced(new ProviderEmulator(_time).ThenRaw(stream, "text/event-stream"), _time);
}
