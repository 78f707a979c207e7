using System.Text.Json;
using System.Text.Json.Serialization;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Tools;

namespace HarborClient.Tests.Typed;

// Answers that are read as a type.
public sealed partial class TypedAnswerTests
{
    private const string Sunny = """{"City":"Oslo","Celsius":7.5}""";

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task The_model_is_given_the_schema_and_its_answer_is_read(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(Sunny, reply => reply.Usage(10, 5));
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);

        HarborResponse<Weather> response = await client.GetResponseAsync([new ChatMessage(ChatRole.User, "weather?")], Json.Default.Weather);

        response.Result.Should().Be(new Weather("Oslo", 7.5));
        response.Text.Should().Be(Sunny);
        response.Usage!.InputTokenCount.Should().Be(10);
        response.GetHarborInfo().Attempts.Should().ContainSingle();
        provider.Body().GetProperty("response_format").ShouldBeJson("""
            {"type":"json_schema","json_schema":{"name":"Weather","strict":true,"schema":{"type":"object","properties":{
              "City":{"type":"string"},"Celsius":{"type":"number"},"Note":{"type":["string","null"],"description":"Default value: null"}},
              "required":["City","Celsius","Note"],"additionalProperties":false}}}
            """);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("  \r\n{\"City\":\"Oslo\",\"Celsius\":7.5}\n ")]
    [InlineData("```json\n{\"City\":\"Oslo\",\"Celsius\":7.5}\n```")]
    [InlineData("```\r\n{\"City\":\"Oslo\",\"Celsius\":7.5}\r\n```\n")]
    [InlineData("{\"City\":\"Oslo\",\"Celsius\":7.5,\"Note\":null,\"Unknown\":[1]}")]
    public async Task Blanks_fences_and_unknown_members_do_no_harm(string answer)
    {
        await using FastClient client = TestClients.Balanced(new ProviderEmulator(_time).ThenAnswer([answer]), _time);

        (await client.GetResponseAsync("weather?", Json.Default.Weather)).Result.Should().Be(new Weather("Oslo", 7.5));
    }

    [Fact]
    public async Task What_is_no_object_travels_in_one_and_its_references_follow()
    {
        var provider = new ProviderEmulator(_time)
            .ThenAnswer(["""{"data":[{"Name":"a","Children":[{"Name":"b","Children":[]}]}]}"""])
            .ThenAnswer(["""[{"Name":"bare","Children":[]}]"""])
            .ThenAnswer(["""{"data":42}"""]);
        await using FastClient client = TestClients.Balanced(provider, _time);

        List<Node> nodes = (await client.GetResponseAsync("tree?", Json.Default.ListNode)).Result;
        List<Node> bare = (await client.GetResponseAsync("tree?", Json.Default.ListNode)).Result;
        int number = (await client.GetResponseAsync("number?", Json.Default.Int32)).Result;

        nodes.Single().Children.Single().Name.Should().Be("b");
        bare.Single().Name.Should().Be("bare");
        number.Should().Be(42);
        JsonElement schema = provider.Body().GetProperty("response_format").GetProperty("json_schema").GetProperty("schema");
        schema.GetProperty("type").GetString().Should().Be("object");
        schema.GetProperty("properties").GetProperty("data").GetProperty("items").GetProperty("properties").GetProperty("Children").GetProperty("items").GetProperty("$ref").GetString()
            .Should().Be("#/properties/data/items");
    }

    [Theory]
    [InlineData("It is sunny.", "invalid start")]
    [InlineData("""{"City":"Oslo"}""", "Celsius")]
    [InlineData("""{"City":null,"Celsius":1}""", "City")]
    [InlineData("""{"City":"Oslo","Celsius":"warm"}""", "$.Celsius")]
    [InlineData("""{"City":"","Celsius":1}""", "needs a name")]
    [InlineData("""{"City":"Oslo","Celsius":-300}""", "colder than anything")]
    [InlineData("null", "null")]
    [InlineData(Sunny + "}", "}")]
    public async Task An_answer_that_does_not_fit_is_asked_for_once_more_with_what_is_wrong(string wrong, string said)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer([wrong], reply => reply.Usage(10, 5)).ThenAnswer([Sunny], reply => reply.Usage(30, 6));
        await using FastClient client = TestClients.Balanced(provider, _time);

        HarborResponse<Weather> response = await client.GetResponseAsync("weather?", Json.Default.Weather);

        response.Result.Should().Be(new Weather("Oslo", 7.5));
        response.Messages.Should().ContainSingle().Which.Text.Should().Be(Sunny);
        response.Usage!.InputTokenCount.Should().Be(40);
        response.GetHarborInfo().Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2);
        string[] sent = [.. provider.Sent(1)];
        sent[..2].Should().Equal("user: weather?", $"assistant: {wrong}");
        sent[2].Should().Contain(said).And.Contain("\"required\"");
    }

    [Fact]
    public async Task Two_answers_that_do_not_fit_are_an_error_that_loses_nothing()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["no"], reply => reply.Usage(10, 5)).ThenAnswer(["""{"City":"Oslo","Celsius":"warm"}"""], reply => reply.Usage(30, 6));
        await using FastClient client = TestClients.Balanced(provider, _time);

        StructuredAnswerException error = await FailureAsync(client);

        error.Kind.Should().Be(ErrorKind.Provider);
        error.IsTransient.Should().BeTrue();
        error.Message.Should().Contain("Weather").And.Contain("$.Celsius").And.Contain("twice").And.NotContain("warm");
        error.InnerException.Should().BeOfType<JsonException>();
        error.Response.Text.Should().Contain("warm");
        error.Response.Usage!.InputTokenCount.Should().Be(40);
        error.Attempts.Should().HaveCount(2);
        (error.Provider, error.Model).Should().Be(("openai", "gpt-4o-mini"));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Cut_filtered_and_refused_answers_and_calls_are_not_asked_for_again()
    {
        var provider = new ProviderEmulator(_time)
            .ThenAnswer(["{\"City\":"], reply => reply.FinishReason("length"))
            .ThenAnswer([""], reply => reply.FinishReason("content_filter"))
            .ThenReply(new EmulatedReply().Refusal("I will not."))
            .ThenReply(ToolBox.Calls("weather"));
        await using FastClient client = TestClients.Balanced(provider, _time);

        StructuredAnswerException[] errors = [await FailureAsync(client), await FailureAsync(client), await FailureAsync(client), await FailureAsync(client)];

        errors.Select(error => error.Kind).Should().Equal(ErrorKind.Interrupted, ErrorKind.ContentFiltered, ErrorKind.ContentFiltered, ErrorKind.Configuration);
        errors.Should().OnlyContain(error => !error.IsTransient && error.Attempts.Count == 1);
        errors[0].Message.Should().Contain("MaxOutputTokens");
        errors[3].Message.Should().Contain("UseToolInvocation");
        errors[3].Response.Messages[0].Contents.OfType<FunctionCallContent>().Should().ContainSingle();
        provider.Attempts.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_whole_answer_is_taken_whatever_its_finish_reason_says()
    {
        await using FastClient client = TestClients.Balanced(new ProviderEmulator(_time).ThenAnswer([Sunny], reply => reply.FinishReason("length")), _time);

        (await client.GetResponseAsync("weather?", Json.Default.Weather)).Result.City.Should().Be("Oslo");
    }

    [Fact]
    public async Task Functions_run_before_the_answer_and_are_not_lost_when_it_is_asked_for_again()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather").Pieces("Let me look.")).ThenAnswer("It rains.").ThenAnswer([Sunny]);
        await using FastClient client = ToolBox.Client(provider, _time);

        HarborResponse<Weather> response = await client.GetResponseAsync("weather?", Json.Default.Weather, ToolBox.With(ToolBox.Weather()));

        response.Result.City.Should().Be("Oslo");
        response.Messages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant);
        response.GetHarborInfo().Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2, 3);
        provider.Sent(2).Should().HaveCount(5);
    }

    [Fact]
    public async Task A_second_call_that_fails_tells_of_both()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["no"]).Then(401);
        await using FastClient client = TestClients.Balanced(provider, _time);

        HarborException error = (await client.Awaiting(c => c.GetResponseAsync("weather?", Json.Default.Weather)).Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.Authentication);
        error.Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_total_clock_covers_both_calls()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["no"], reply => reply.DelayBeforeHeaders(TimeSpan.FromSeconds(6))).ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = TestClients.Balanced(provider, _time);

        Task call = client.GetResponseAsync("weather?", Json.Default.Weather, new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(10) });
        await _time.TimerSet(TimeSpan.FromSeconds(6));
        _time.Advance(TimeSpan.FromSeconds(6));
        await provider.AttemptReceived(2);
        await _time.TimerSet(TimeSpan.FromSeconds(4));
        _time.Advance(TimeSpan.FromSeconds(4));

        (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
    }

    [Fact]
    public async Task A_format_of_the_callers_is_kept_when_it_is_json_and_refused_when_it_is_not()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer([Sunny]);
        await using FastClient client = TestClients.Balanced(provider, _time);
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.Json };

        (await client.GetResponseAsync("weather?", Json.Default.Weather, options)).Result.City.Should().Be("Oslo");
        options.ResponseFormat = ChatResponseFormat.Text;
        HarborException error = (await client.Awaiting(c => c.GetResponseAsync("weather?", Json.Default.Weather, options)).Should().ThrowAsync<HarborException>()).Which;

        provider.Body().GetProperty("response_format").GetProperty("type").GetString().Should().Be("json_object");
        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("ResponseFormat");
        provider.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task To_serializers_a_typed_response_looks_like_its_base()
    {
        await using FastClient client = TestClients.Balanced(new ProviderEmulator(_time).ThenAnswer([Sunny]), _time);

        ChatResponse response = await client.GetResponseAsync("weather?", Json.Default.Weather);

        JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions).Should().NotContain("\"result\"");
        response.GetHarborInfo().Provider.Should().Be("openai");
    }

    private static async Task<StructuredAnswerException> FailureAsync(FastClient client) =>
        (await client.Awaiting(c => c.GetResponseAsync("weather?", Json.Default.Weather)).Should().ThrowAsync<StructuredAnswerException>()).Which;

    internal sealed record Weather
    {
        public Weather(string city, double celsius, string? note = null)
        {
            if (city is "") throw new ArgumentException("A city needs a name.", nameof(city));
            if (celsius < -273.15) throw new InvalidDataException("It is colder than anything.");
            City = city;
            Celsius = celsius;
            Note = note;
        }

        public string City { get; }

        public double Celsius { get; }

        public string? Note { get; }
    }

    internal sealed record Node(string Name, List<Node> Children);

    [JsonSerializable(typeof(Weather))]
    [JsonSerializable(typeof(List<Node>))]
    [JsonSerializable(typeof(int))]
    internal sealed partial class Json : JsonSerializerContext;
}
