using System.Text;
using HarborClient.Testing;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.Services;

// What a service answers that is not what the caller's type says.
public sealed class InvokeAnswerTests
{
    private static readonly Snippet Input = new("the very secret prompt of the user which is long enough", "csharp");

    [Theory]
    [InlineData("""{"text":5}""", "$.text")]
    [InlineData("""{"lines":1}""", "$")]
    [InlineData("""{"text":"a","lines":"many"}""", "$.lines")]
    [InlineData("""["text"]""", "$")]
    [InlineData("\"text\"", "$")]
    [InlineData("null", "null")]
    public async Task Other_JSON_is_an_error_that_names_the_service_and_the_place(string answer, string place)
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(answer)));

        HarborException error = await AskAsync(client).ErrorAsync();

        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Should().Contain("zhipu-local/codegeex4/generate").And.Contain(place);
        error.IsTransient.Should().BeFalse("the same type would not fit again");
        error.Attempts.Should().ContainSingle();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Null_is_an_answer_where_the_type_has_it()
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json("null")));

        (await client.InvokeAsync("zhipu-local/count", Input, ServiceJson.Default.Snippet, ServiceJson.Default.NullableInt32)).Should().BeNull();
    }

    [Fact]
    public async Task Events_are_refused_with_a_word_how_to_switch_them_off()
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(EmulatedReply.Raw("data: {\"text\":\"a\"}\n\ndata: [DONE]\n\n", "text/event-stream")));

        HarborException error = await AskAsync(client).ErrorAsync();

        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Should().Contain("\"stream\": false");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{\"text\":\"a\"} trailing")]
    [InlineData("not json")]
    public async Task What_is_no_JSON_is_unreadable(string answer)
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(answer)));

        HarborException error = await AskAsync(client).ErrorAsync();

        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Should().Contain("cannot be read");
    }

    [Fact]
    public async Task A_cut_answer_is_interrupted_at_every_byte()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""{"text":"für \u00e4 😀","lines":2}""");
        for (int length = 0; length < whole.Length; length++)
        {
            await using var client = LocalClient(new ProviderEmulator().Otherwise(EmulatedReply.Raw(whole[..length], "application/json")));

            (await AskAsync(client).ErrorAsync()).Kind.Should().Be(ErrorKind.Interrupted, "{0} bytes came", length);
            client.Outstanding().Should().Be(Outstanding.None);
        }
    }

    [Fact]
    public async Task A_byte_order_mark_and_compression_are_no_trouble()
    {
        byte[] marked = [0xEF, 0xBB, 0xBF, .. """{"text":"a"}"""u8];
        await using var client = LocalClient(new ProviderEmulator().ThenReply(EmulatedReply.Raw(marked, "application/json")).ThenReply(Json("""{"text":"b"}""").GzipBody()));

        (await AskAsync(client)).Text.Should().Be("a");
        (await AskAsync(client)).Text.Should().Be("b");
    }

    [Fact]
    public async Task It_is_bounded()
    {
        string answer = $$"""{"text":"{{new string('a', 30_000)}}"}""";
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(answer)), o => o.Transport.MaxAnswerBytes = 2048);

        (await AskAsync(client).ErrorAsync()).Kind.Should().Be(ErrorKind.TooLarge);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Neither_key_nor_input_that_the_host_quotes_is_handed_on()
    {
        string[] answers =
        [
            $$"""{"{{Key}}":"x"}""",
            $$"""{"{{Input.Prompt}}":"x"}""",
        ];
        foreach (string answer in answers)
        {
            await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(answer)), o => o.Keys.Add(Key));

            HarborException error = await client.InvokeAsync("zhipu-local/x", Input, ServiceJson.Default.Snippet, ServiceJson.Default.DictionaryStringInt32).ErrorAsync();

            error.ToString().Should().NotContain(Key).And.NotContain(Input.Prompt);
        }
    }

    [Fact]
    public async Task An_input_that_cannot_be_written_is_the_callers_and_nothing_is_sent()
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host);

        HarborException error = await client.InvokeAsync("zhipu-local/x", new Faulty(), ServiceJson.Default.Faulty, ServiceJson.Default.Code).ErrorAsync();

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.InnerException.Should().BeOfType<FormatException>();
        host.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stage_that_answers_without_a_payload_is_told_so()
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json("{}")), more: h => h.AddStage(StageScope.Call, next => new EmptyStage(next)));

        (await AskAsync(client).ErrorAsync()).Kind.Should().Be(ErrorKind.Configuration);
    }

    private static Task<Code> AskAsync(FastClient client) =>
        client.InvokeAsync("zhipu-local/codegeex4/generate", Input, ServiceJson.Default.Snippet, ServiceJson.Default.Code);

    private sealed class EmptyStage(PipelineStage next) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) => new(new EmptyReader());
    }

    private sealed class EmptyReader : UpdateReader
    {
        private HarborUpdate _none;

        public override ref readonly HarborUpdate Current => ref _none;

        public override ValueTask<bool> ReadAsync()
        {
            _none = default;
            return new(false);
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
