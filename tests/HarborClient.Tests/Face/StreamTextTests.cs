using HarborClient.Testing;

namespace HarborClient.Tests.Face;

public sealed class StreamTextTests
{
    private readonly ProviderEmulator _provider = new();

    [Fact]
    public async Task It_yields_the_pieces_as_they_came()
    {
        _provider.ThenAnswer(["One", " two", "\n", "三"]);
        await using FastClient client = Emulated.OpenAI(_provider);

        List<string> pieces = await ReadAsync(client.StreamTextAsync("count"));

        pieces.Should().Equal("One", " two", "\n", "三");
        _provider.Body().GetProperty("messages").ShouldBeJson("""[{"role":"user","content":"count"}]""");
    }

    [Fact]
    public async Task Reasoning_tool_calls_and_usage_are_no_text()
    {
        _provider.ThenReply(EmulatedReply.Answer(["a", "b"]).Reasoning("hm").ToolCall("c1", "f", "{}").Usage(1, 2));
        await using FastClient client = Emulated.OpenAI(_provider);

        (await ReadAsync(client.StreamTextAsync([new ChatMessage(ChatRole.User, "hi")]))).Should().Equal("a", "b");
    }

    [Fact]
    public async Task A_refusal_is_the_models_text_too()
    {
        _provider.ThenReply(new EmulatedReply().Refusal("I can", "not."));
        await using FastClient client = Emulated.OpenAI(_provider);

        (await ReadAsync(client.StreamTextAsync("hi"))).Should().Equal("I can", "not.");
    }

    [Fact]
    public async Task Info_is_null_before_and_tells_after_the_end()
    {
        _provider.ThenAnswer("fine");
        await using FastClient client = Emulated.OpenAI(_provider);
        HarborTextStream stream = client.StreamTextAsync("hi", new HarborChatOptions { Mode = PerformanceMode.Fast });
        stream.Info.Should().BeNull();

        await foreach (string _ in stream) stream.Info.Should().BeNull();

        stream.Info.Should().BeEquivalentTo(new { Provider = "openai", Model = "gpt-4o-mini", RequestedModel = Emulated.OpenAIModel, Mode = PerformanceMode.Fast, FinishReason = "stop", RequestId = "req_emulated_1" });
        stream.Info!.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Info_tells_also_after_a_failure_and_after_leaving_early()
    {
        _provider.Then(401).ThenAnswer("one two three");
        await using FastClient client = Emulated.OpenAI(_provider);

        HarborTextStream failed = client.StreamTextAsync("hi");
        await failed.Awaiting(ReadAsync).Should().ThrowAsync<HarborException>();
        HarborTextStream left = client.StreamTextAsync("hi");
        await foreach (string _ in left) break;

        failed.Info!.Attempts.Should().ContainSingle().Which.Error.Should().Be(ErrorKind.Authentication);
        left.Info!.Provider.Should().Be("openai");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Nothing_starts_before_it_is_read_and_each_reading_is_a_call()
    {
        _provider.ThenAnswer("first").ThenAnswer("second");
        await using FastClient client = Emulated.OpenAI(_provider);

        HarborTextStream stream = client.StreamTextAsync("hi");
        _provider.Attempts.Should().BeEmpty();

        (await ReadAsync(stream)).Should().Equal("first");
        (await ReadAsync(stream)).Should().Equal("second");
    }

    [Fact]
    public async Task A_break_is_an_exception_with_what_had_arrived()
    {
        _provider.ThenReply(EmulatedReply.Answer(["One", " two", " three"]).ResetAfterUpdates(2));
        await using FastClient client = Emulated.OpenAI(_provider);
        List<string> pieces = [];

        Func<Task> read = async () =>
        {
            await foreach (string piece in client.StreamTextAsync("hi")) pieces.Add(piece);
        };

        StreamInterruptedException error = (await read.Should().ThrowAsync<StreamInterruptedException>()).Which;
        error.Partial.Text.Should().Be("One two");
        pieces.Should().Equal("One", " two");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_tokens_cancel_it(bool isEnumerators)
    {
        _provider.ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Emulated.OpenAI(_provider);
        using var source = new CancellationTokenSource();
        HarborTextStream stream = client.StreamTextAsync("hi", cancellationToken: isEnumerators ? default : source.Token);
        await using IAsyncEnumerator<string> pieces = stream.GetAsyncEnumerator(isEnumerators ? source.Token : default);

        Task<bool> pending = pieces.MoveNextAsync().AsTask();
        await _provider.AttemptReceived(1);
        await source.CancelAsync();

        (await pending.Awaiting(read => read).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
    }

    [Fact]
    public async Task A_second_read_while_one_is_pending_is_refused()
    {
        _provider.ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Emulated.OpenAI(_provider);
        using var source = new CancellationTokenSource();
        await using IAsyncEnumerator<string> pieces = client.StreamTextAsync("hi", cancellationToken: source.Token).GetAsyncEnumerator();
        Task<bool> pending = pieces.MoveNextAsync().AsTask();
        await _provider.AttemptReceived(1);

        FluentActions.Invoking(() => pieces.MoveNextAsync()).Should().Throw<InvalidOperationException>().WithMessage("*one reader*");

        await source.CancelAsync();
        await pending.Awaiting(read => read).Should().ThrowAsync<OperationCanceledException>();
    }

    private static async Task<List<string>> ReadAsync(HarborTextStream stream)
    {
        List<string> pieces = [];
        await foreach (string piece in stream) pieces.Add(piece);
        return pieces;
    }
}
