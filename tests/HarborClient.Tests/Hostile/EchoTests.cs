namespace HarborClient.Tests.Hostile;

// Hosts that quote the prompt, whole or in another writing: no error and no log hands it on.
public sealed class EchoTests
{
    private const string Lines = "Name: John Smith\nSSN: 123-45-6789\nCard: 4111111111111111\nPIN: 9876\nDiagnosis: flu\nDoctor: Who";
    private const string Quotes = "He said \"never tell\" and \"my pass is hunter2\" and \"the code is 0000\" to \"Mr X\" at \"12 Elm\"";
    private const string Chinese = "我的身份证号码是一一零一零五一九四九，银行卡密码是七七八八九九，请帮我保存这些非常重要的信息，谢谢你";
    private const string Sentence = "the very secret prompt of the user which is long enough to see";
    private const string Short = "my pin is 4711";

    public static TheoryData<string, string, string> Echoes => new()
    {
        { "lines", Lines, Wire.Error("invalid: " + Lines.Replace("\n", "\\n", StringComparison.Ordinal)) },
        { "lines, JSON in JSON", Lines, Wire.Error("invalid: " + Lines.Replace("\n", "\\\\n", StringComparison.Ordinal)) },
        { "lines, JSON in JSON in JSON", Lines, Wire.Error("invalid: " + Lines.Replace("\n", "\\\\\\\\n", StringComparison.Ordinal)) },
        { "quotes", Quotes, Wire.Error("body was " + Quotes.Replace("\"", "\\\"", StringComparison.Ordinal)) },
        { "quotes, JSON in JSON", Quotes, Wire.Error("body was " + Quotes.Replace("\"", "\\\\\\\"", StringComparison.Ordinal)) },
        { "quotes escaped as unicode", Quotes, Wire.Error("body was " + Quotes.Replace("\"", "\\u0022", StringComparison.Ordinal)) },
        { "Chinese", Chinese, Wire.Error(Chinese) },
        { "Chinese, escaped", Chinese, Wire.Error(Wire.Escaped(Chinese)) },
        { "Chinese, escaped in an object", Chinese, Nested($$"""[{"input":"{{Wire.Escaped(Chinese)}}"}]""") },
        { "Chinese, JSON in JSON", Chinese, Wire.Error("body was {\\\"content\\\":\\\"" + Wire.Escaped(Chinese).Replace("\\", "\\\\", StringComparison.Ordinal) + "\\\"}") },
        { "a message that is an object", Sentence, Nested($$"""{"input":["{{Sentence}}"]}""") },
        { "a message that is an object with every letter escaped", Sentence, Nested($$"""{"input":"{{Wire.Escaped(Sentence)}}"}""") },
        { "the code", Sentence, Wire.Error("m", Sentence) },
        { "the code, escaped", Sentence, Wire.Error("m", Wire.Escaped(Sentence)) },
        { "after a long text", Sentence, Wire.Error(new string('x', 455) + Sentence) },
        { "no JSON", Sentence, "<html>" + Sentence + "</html>" },
        { "the request's id", Sentence, $$"""{"error":{"message":"m"},"request_id":"{{Sentence}}"}""" },
    };

    [Theory]
    [MemberData(nameof(Echoes))]
    public async Task A_prompt_that_the_host_quotes_is_not_handed_on(string what, string prompt, string body)
    {
        foreach (bool isStreaming in new[] { false, true })
        {
            Overheard said = await Overheard.OfAsync(HostileHandler.Answering(body, status: 400), prompt, isStreaming);

            said.ShouldNotEcho(prompt);
            said.ShouldNotHold("123-45-6789", "4111111111111111", "hunter2");
            said.CodesShouldBeShortAndOfOneLine();
            said.Error.Kind.Should().Be(ErrorKind.InvalidRequest, what);
        }
    }

    [Theory]
    [MemberData(nameof(Echoes))]
    public async Task A_prompt_that_the_host_quotes_inside_an_answer_is_not_handed_on(string what, string prompt, string body)
    {
        Overheard atOnce = await Overheard.OfAsync(HostileHandler.Answering($"data: {body}\n\n", Wire.EventStream), prompt, isStreaming: true);
        Overheard later = await Overheard.OfAsync(HostileHandler.Answering($"{Wire.Event("a")}data: {body}\n\n", Wire.EventStream), prompt, isStreaming: true);

        foreach (Overheard said in new[] { atOnce, later })
        {
            said.ShouldNotEcho(prompt);
            said.ShouldNotHold("123-45-6789", "4111111111111111", "hunter2");
            said.CodesShouldBeShortAndOfOneLine();
        }

        later.Error.Should().BeOfType<StreamInterruptedException>(what);
    }

    [Theory]
    [InlineData("cannot handle: my pin is 4711")]
    [InlineData("my pin is 4711")]
    [InlineData("'my pin is 4711' is too short")]
    public async Task A_short_prompt_that_the_host_quotes_is_not_handed_on(string message)
    {
        Overheard said = await Overheard.OfAsync(HostileHandler.Answering(Wire.Error(message), status: 400), Short);
        Overheard inCode = await Overheard.OfAsync(HostileHandler.Answering(Wire.Error("m", message), status: 400), Short);

        said.ShouldNotHold(Short);
        inCode.ShouldNotHold(Short);
    }

    [Fact]
    public async Task Arguments_and_results_of_tools_are_not_handed_on()
    {
        Dictionary<string, object?> account = new() { ["iban"] = "DE89370400440532013000", ["holder"] = "Erika Mustermann Strasse" };
        ChatMessage question = new(ChatRole.User, "hi");
        ChatMessage call = new(ChatRole.Assistant, [new FunctionCallContent("c", "pay", account)]);
        ChatMessage result = new(ChatRole.Tool, [new FunctionResultContent("c", account)]);
        string[] bodies =
        [
            Wire.Error("bad arguments {'iban':'DE89370400440532013000','holder':'Erika Mustermann Strasse'}"),
            Wire.Error("bad content {\\\"iban\\\":\\\"DE89370400440532013000\\\",\\\"holder\\\":\\\"Erika Mustermann Strasse\\\"}"),
            """{"error":{"message":{"iban":"DE89370400440532013000","holder":"Erika Mustermann Strasse"}}}""",
        ];

        foreach (string body in bodies)
        {
            foreach (ChatMessage message in new[] { call, result })
            {
                Overheard said = await Overheard.OfAsync(HostileHandler.Answering(body, status: 400), messages: [question, message]);

                said.ShouldNotHold("DE89370400440532013000", "Erika Mustermann Strasse");
            }
        }
    }

    [Theory]
    [InlineData("The model `gpt-9` does not exist or you do not have access to it.")]
    [InlineData("This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.")]
    [InlineData("Rate limit reached for requests. Limit: 3 / min. Please try again in 20s.")]
    public async Task An_ordinary_error_stays_as_it_was_written(string message)
    {
        foreach (string prompt in new[] { "hi", "a", "is", Short, Sentence, Lines })
        {
            Overheard said = await Overheard.OfAsync(HostileHandler.Answering(Wire.Error(message, "some_code"), status: 400), prompt);

            said.Error.Message.Should().Contain(message, "'{0}' was not quoted", prompt);
            said.Error.ProviderCode.Should().Be("some_code");
        }
    }

    private static string Nested(string message) => "{\"error\":{\"message\":" + message + ",\"code\":\"bad\"}}";
}
