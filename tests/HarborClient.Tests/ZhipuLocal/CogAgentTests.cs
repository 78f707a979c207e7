using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// CogAgent's server: no id, no finish reason, no [DONE]; it reads one text and one JPEG.
public sealed class CogAgentTests
{
    private const string Stream = """
        data: {"model":"CogAgent","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant"}}],"created":1}

        data: {"model":"CogAgent","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"Click "}}],"created":1}

        data: {"model":"CogAgent","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"OK"}}],"created":1}


        """;

    private static readonly ChatOptions Options = new() { ModelId = "zhipu-local/CogAgent" };

    [Fact]
    public async Task The_clean_end_of_its_stream_ends_its_answer()
    {
        await using var client = LocalClient(new ProviderEmulator().ThenRaw(Stream, "text/event-stream"));

        ChatResponse answer = (await client.UpdatesAsync(options: Options)).ToHarborResponse();

        answer.Text.Should().Be("Click OK");
        answer.FinishReason.Should().BeNull();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_broken_connection_is_still_an_interruption()
    {
        await using var client = LocalClient(new ProviderEmulator().ThenReply(EmulatedReply.Raw(Stream, "text/event-stream").ResetAfterUpdates(2)));

        Func<Task> call = () => client.UpdatesAsync(options: Options);

        (await call.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("Click ");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Nothing_at_all_and_half_an_event_are_no_answer()
    {
        foreach (string cut in new[] { "", ": ping\n\n", Stream[..^20] })
        {
            await using var client = LocalClient(new ProviderEmulator().Otherwise(EmulatedReply.Raw(cut, "text/event-stream")));

            Func<Task> call = () => client.UpdatesAsync(options: Options);

            (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Interrupted);
        }
    }

    [Fact]
    public async Task Only_this_profile_takes_such_an_end_for_one()
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(EmulatedReply.Raw(Stream, "text/event-stream")), o => o.Profiles["CogAgent"] = ZhipuLocalProfile.OpenAI);

        Func<Task> call = () => client.UpdatesAsync(options: Options);

        await call.Should().ThrowAsync<StreamInterruptedException>();
    }

    [Fact]
    public async Task The_last_text_and_the_last_image_are_sent_and_the_rest_is_noted()
    {
        var host = new ProviderEmulator();
        var logs = new RecordedLogs();
        await using var client = LocalClient(host, more: h => h.UseLoggerFactory(logs));
        ChatMessage[] messages =
        [
            new(ChatRole.User, [new TextContent("old"), Jpeg(1)]),
            new(ChatRole.Assistant, "answer"),
            new(ChatRole.User, [Jpeg(2), new TextContent("new")]),
        ];

        await client.GetResponseAsync(messages, Options);
        int noted = logs.Of(6).Count();
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("new"), Jpeg(2)])], Options);

        foreach (int attempt in new[] { 0, 1 })
        {
            host.Body(attempt).GetProperty("messages").ShouldBeJson("""
                [{"role":"user","content":[{"type":"text","text":"new"},{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,Ag=="}}]}]
                """);
        }

        noted.Should().Be(1);
        logs.Of(6).Should().HaveCount(1, "nothing is left out of the second");
    }

    [Fact]
    public async Task Images_of_other_kinds_are_refused_before_anything_is_sent()
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host);
        AIContent[] images = [new DataContent(new byte[] { 1 }, "image/png"), new UriContent("https://a.test/x.jpg", "image/jpeg")];

        foreach (AIContent image in images)
        {
            HarborException error = await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("a"), image])], Options).ErrorAsync();
            error.Kind.Should().Be(ErrorKind.InvalidRequest);
            error.Message.Should().Contain("image/jpeg");
        }

        (await client.GetResponseAsync([new ChatMessage(ChatRole.User, [Jpeg(1)])], Options).ErrorAsync()).Kind.Should().Be(ErrorKind.InvalidRequest);
        host.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Its_plain_answer_is_read_without_id_and_finish_reason()
    {
        const string Whole = """{"model":"CogAgent","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Click"}}],"created":1,"usage":{"prompt_tokens":1,"total_tokens":2,"completion_tokens":1}}""";
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(Whole)));

        ChatResponse answer = await client.AskAsync(options: Options);

        (answer.Text, answer.FinishReason, answer.ModelId).Should().Be(("Click", null, "CogAgent"));
        answer.ResponseId.Should().NotBeEmpty();
    }

    private static DataContent Jpeg(byte content) => new(new[] { content }, "image/jpeg");
}
