using System.Text.Json;
using System.Text.Json.Nodes;

namespace HarborClient.Tests.Hostile;

// Requests that cannot be written, or that say what is not theirs to say, are refused before anything is sent, and nowhere else tried.
public sealed class RefusedRequestTests
{
    public static TheoryData<string, Func<ChatOptions>> WrongOptions => new()
    {
        { "temperature that is no number", () => new ChatOptions { Temperature = float.NaN } },
        { "temperature without end", () => new ChatOptions { Temperature = float.PositiveInfinity } },
        { "top p that is no number", () => new ChatOptions { TopP = float.NaN } },
        { "penalty that is no number", () => new ChatOptions { FrequencyPenalty = float.NegativeInfinity } },
        { "property that is no number", () => With("x", double.NaN) },
        { "property without end", () => With("x", float.PositiveInfinity) },
        { "property that has no number in it", () => With("x", new Dictionary<string, object?> { ["y"] = double.NaN }) },
        { "model as a property", () => With("model", "other") },
        { "model as a property and the only target allowed", () => new HarborChatOptions { AllowedTargets = ["a/one"], AdditionalProperties = new() { ["model"] = "other" } } },
        { "raw request with a key of the library", () => Raw(new JsonObject { ["harbor.tenant"] = "t1" }) },
        { "raw request with an unknown key of the library", () => Raw(new JsonObject { ["harbor.x"] = 1 }) },
        { "raw request with a key of the library in capitals", () => Raw(new JsonObject { ["Harbor.X"] = 1 }) },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public async Task The_request_is_refused_and_nothing_is_sent(string what, Func<ChatOptions> options)
    {
        foreach (bool isStreaming in new[] { false, true })
        {
            HostileHandler first = HostileHandler.Answering(Wire.Whole("a"));
            HostileHandler second = HostileHandler.Answering(Wire.Whole("b"));
            await using FastClient client = HostileClients.Two(first, second);

            HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming, options: options()), what);

            error.Kind.Should().Be(ErrorKind.InvalidRequest, what);
            first.Requests.Should().BeEmpty();
            second.Requests.Should().BeEmpty();
            client.Outstanding().Should().Be(Outstanding.None);
        }
    }

    [Fact]
    public async Task Arguments_of_a_tool_call_that_cannot_be_written_are_refused()
    {
        HostileHandler host = HostileHandler.Answering(Wire.Whole("a"));
        await using FastClient client = HostileClients.One(host);
        ChatMessage call = new(ChatRole.Assistant, [new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["x"] = double.NaN })]);

        HarborException error = await HostileClients.ErrorAsync(() => client.GetResponseAsync([call]));

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        host.Requests.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_result_of_a_tool_that_is_no_UTF_8_is_refused()
    {
        HostileHandler host = HostileHandler.Answering(Wire.Whole("a"));
        await using FastClient client = HostileClients.One(host);
        using JsonDocument text = JsonDocument.Parse(new byte[] { (byte)'"', 0xFF, (byte)'"' });
        ChatMessage result = new(ChatRole.Tool, [new FunctionResultContent("c", text.RootElement)]);

        HarborException error = await HostileClients.ErrorAsync(() => client.GetResponseAsync([result]));

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        host.Requests.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("harbor.tenant")]
    [InlineData("Harbor.Tenant")]
    [InlineData("HARBOR.TENANT")]
    [InlineData("hArBoR.user")]
    public async Task A_key_of_the_library_never_reaches_the_wire(string key)
    {
        HostileHandler host = HostileHandler.Answering(Wire.Whole("a"));
        await using FastClient client = HostileClients.One(host);

        try
        {
            await client.TextAsync(isStreaming: false, options: With(key, "secret-tenant"));
        }
        catch (HarborException refused)
        {
            refused.Kind.Should().Be(ErrorKind.InvalidRequest);
        }

        foreach (string request in host.Requests) request.Should().NotContainEquivalentOf("harbor.").And.NotContain("secret-tenant");
    }

    [Theory]
    [InlineData("openai/evil\nINFO forged")]
    [InlineData("openai/evil\r\nINFO forged")]
    [InlineData("openai/evil\u001b[31m")]
    public async Task A_model_with_a_line_break_is_refused(string model)
    {
        HostileHandler host = HostileHandler.Answering(Wire.Whole("a"));
        using var logs = new RecordedLogs();
        await using FastClient client = HostileClients.One(host, configure: builder => builder.UseLoggerFactory(logs));

        HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming: false, options: new ChatOptions { ModelId = model }));

        host.Requests.Should().BeEmpty();
        error.Message.Should().NotContain(model);
        logs.Entries.Should().NotContain(entry => entry.Message.Contains(model));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static ChatOptions With(string name, object value) => new() { AdditionalProperties = new() { [name] = value } };

    private static ChatOptions Raw(JsonObject request) => new() { RawRepresentationFactory = _ => JsonNode.Parse(request.ToJsonString())!.AsObject() };
}
