using System.Text;

namespace HarborClient.Tests.Hostile;

// Answers that are just within JSON, or just outside.
public sealed class OddAnswerTests
{
    private const string TwoCallsOfOneIndex =
        """{"index":0,"function":{"name":"first","arguments":"{\"a\":1}"}},{"index":0,"function":{"name":"second","arguments":"{\"b\":2}"}}""";

    public static TheoryData<string, byte[]> OddRefusals => new()
    {
        { "a message that is not UTF-8", WithBadByte("""{"error":{"message":{"a":"?"}}}""") },
        { "a text that is not UTF-8", WithBadByte("""{"error":{"message":"?"}}""") },
        { "a code that is not UTF-8", WithBadByte("""{"error":{"message":"m","code":"?"}}""") },
        { "a name that is not UTF-8", WithBadByte("""{"?":1,"error":{"message":"m"}}""") },
        { "half a surrogate as a name", Encoding.UTF8.GetBytes("""{"\ud800\ud800":1,"error":{"message":"x"}}""") },
        { "half a surrogate as a name in the error", Encoding.UTF8.GetBytes("""{"error":{"mess\ud800":1,"message":"x"}}""") },
        { "half a surrogate as the message", Encoding.UTF8.GetBytes("""{"error":{"message":"\ud800"}}""") },
        { "half a surrogate as the code", Encoding.UTF8.GetBytes("""{"error":{"message":"m","code":"\udc00"}}""") },
    };

    [Theory]
    [MemberData(nameof(OddRefusals))]
    public async Task A_refused_key_stays_a_refused_key_and_is_not_tried_elsewhere(string what, byte[] body)
    {
        foreach (bool isStreaming in new[] { false, true })
        {
            HostileHandler second = HostileHandler.Answering(Wire.Whole("sent on"));
            await using FastClient client = HostileClients.Two(HostileHandler.Answering(body, status: 401), second);

            HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming), what);

            error.Kind.Should().Be(ErrorKind.Authentication);
            second.Requests.Should().BeEmpty();
            client.Outstanding().Should().Be(Outstanding.None);
        }
    }

    [Theory]
    [InlineData("ch\\ud800ices")]
    [InlineData("choice\\ud800")]
    [InlineData("\\udc00")]
    [InlineData("error\\ud800")]
    public async Task A_member_whose_name_is_no_text_is_left_out(string name)
    {
        string whole = $"{{\"{name}\":1," + Wire.Whole("whole")[1..];
        string stream = Wire.Event("whole").Replace("data: {", $"data: {{\"{name}\":1,", StringComparison.Ordinal) + Wire.End;
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
        {
            await using FastClient plain = HostileClients.One(HostileHandler.Answering(whole), mode: mode);
            await using FastClient streamed = HostileClients.One(HostileHandler.Answering(stream, Wire.EventStream), mode: mode);

            (await plain.TextAsync(isStreaming: false)).Should().Be("whole");
            (await streamed.TextAsync(isStreaming: true)).Should().Be("whole");
        }
    }

    [Fact]
    public async Task Two_calls_of_one_index_without_ids_are_two_calls()
    {
        string[] calls = TwoCallsOfOneIndex.Split("},{", StringSplitOptions.None);
        string first = Wire.ToolEvent(calls[0] + "}");
        string second = Wire.ToolEvent("{" + calls[1]);
        string whole = "{\"choices\":[{\"index\":0,\"message\":{\"tool_calls\":[" + TwoCallsOfOneIndex + "]},\"finish_reason\":\"tool_calls\"}]}";
        await using FastClient streamed = HostileClients.One(HostileHandler.Answering(first + second + Wire.End, Wire.EventStream));
        await using FastClient inOneEvent = HostileClients.One(HostileHandler.Answering(Wire.ToolEvent(TwoCallsOfOneIndex) + Wire.End, Wire.EventStream));
        await using FastClient plain = HostileClients.One(HostileHandler.Answering(whole));

        List<FunctionCallContent>[] all = [await streamed.ToolCallsAsync(true), await inOneEvent.ToolCallsAsync(true), await plain.ToolCallsAsync(false)];

        foreach (List<FunctionCallContent> found in all)
        {
            found.Select(call => call.Name).Should().Equal("first", "second");
            found.Should().OnlyContain(call => call.Exception == null);
            found[0].Argument("a").Should().Be("1");
            found[1].Argument("b").Should().Be("2");
            found[0].CallId.Should().NotBe(found[1].CallId);
        }
    }

    [Fact]
    public async Task Of_two_choices_without_index_the_first_is_the_answer()
    {
        const string Choices = """{"choices":[{"message":{"content":"first"},"finish_reason":"stop"},{"message":{"content":"second"},"finish_reason":"length"}]}""";
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
        {
            await using FastClient client = HostileClients.One(HostileHandler.Answering(Choices), mode: mode);

            ChatResponse answer = await client.GetResponseAsync("hi");

            answer.Text.Should().Be("first");
            answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        }
    }

    [Theory]
    [InlineData(-64, 1, true)]
    [InlineData(-64, 7, true)]
    [InlineData(-64, int.MaxValue, true)]
    [InlineData(1900, 1, false)]
    [InlineData(1900, 1000, false)]
    [InlineData(1900, int.MaxValue, false)]
    [InlineData(5900, int.MaxValue, false)]
    public async Task The_limit_of_an_event_does_not_depend_on_how_its_bytes_arrive(int bytesOver, int bytesPerRead, bool isAllowed)
    {
        const int Limit = 2048;
        string content = new('a', Limit + bytesOver - Wire.Event("").Length);
        await using FastClient client = HostileClients.One(
            HostileHandler.Streaming(() => new HostileBody(Wire.Event(content) + Wire.End, bytesPerRead)), options: openAI => openAI.Transport.MaxEventBytes = Limit);

        Func<Task<string>> call = () => client.TextAsync(isStreaming: true);

        if (isAllowed) (await call()).Should().Be(content);
        else (await HostileClients.ErrorAsync(call)).Kind.Should().Be(ErrorKind.TooLarge);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("br", "hello this is not brotli")]
    [InlineData("gzip", "hello this is not gzip")]
    [InlineData("deflate", "hello this is not deflate")]
    [InlineData("br", "")]
    public async Task A_compressed_body_that_is_none_is_an_interruption(string encoding, string body)
    {
        foreach (bool isStreaming in new[] { false, true })
        {
            await using FastClient client = HostileClients.One(HostileHandler.Answering(Encoding.UTF8.GetBytes(body), contentEncoding: encoding));

            (await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming))).Kind.Should().Be(ErrorKind.Interrupted);
            client.Outstanding().Should().Be(Outstanding.None);
        }
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("[1e999]")]
    [InlineData("[1, -1e999]")]
    [InlineData("\"AADAfw==\"")] // NaN
    [InlineData("\"AACAfw==\"")] // infinity
    public async Task An_embedding_that_is_empty_or_not_finite_is_an_error(string vector)
    {
        await using FastClient client = HostileClients.One(HostileHandler.Answering($"{{\"data\":[{{\"index\":0,\"embedding\":{vector}}}]}}"));

        HarborException error = await HostileClients.ErrorAsync(() => client.GenerateAsync(["a"]));

        error.Kind.Should().Be(ErrorKind.Provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static byte[] WithBadByte(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xff;
        return bytes;
    }
}
