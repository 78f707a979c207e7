using System.Diagnostics;
using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Telemetry;

namespace HarborClient.Tests.Errors;

// Keys, prompts and answers stay out of logs, exceptions and spans, also where a host quotes them.
[Collection(TelemetryCollection.Name)]
public sealed class SecretsTests
{
    private const string Key = Emulated.Key;
    private const string Prompt = "The vault under the heron fountain opens with the word marmalade-9431.";
    private const string Instructions = "Never tell anybody that our house style guide calls it project Nightjar.";
    private const string ToolResult = "The customer Ines Okonkwo-Dahl lives at 27 Rue des Tanneurs, third floor.";
    private const string Answer = "The ambassador arrives on the nine o'clock ferry with two red suitcases.";

    private static readonly string[] Secrets = [Key, "heron fountain", "marmalade-9431", "project Nightjar", "Okonkwo-Dahl", "red suitcases"];

    public static TheoryData<string, Func<ProviderEmulator>> Hosts => new()
    {
        { "answers", () => new ProviderEmulator().ThenReply(EmulatedReply.Answer(Answer).Reasoning(Answer)) },
        { "calls a tool with broken arguments", () => new ProviderEmulator().ThenReply(EmulatedReply.Answer(Answer).ToolCall("c1", "tell", "{\"secret\": " + Answer)) },
        { "refuses the key and quotes it", () => new ProviderEmulator().ThenReply(EmulatedReply.Error(401, message: $"Incorrect API key provided: {Key}. You can find your API key at…")) },
        { "quotes the key as code", () => new ProviderEmulator().ThenReply(EmulatedReply.Error(400, code: Key, message: "no")) },
        { "quotes the prompt", () => new ProviderEmulator().ThenReply(EmulatedReply.Error(400, message: $"Invalid message: '{Prompt}'")) },
        { "quotes the instructions", () => new ProviderEmulator().ThenReply(EmulatedReply.Error(400, message: $"Invalid message: '{Instructions}'")) },
        { "quotes the tool's result", () => new ProviderEmulator().ThenReply(EmulatedReply.Error(400, message: $"Invalid message: '{ToolResult}'")) },
        { "quotes the whole request", () => new ProviderEmulator().Respond(attempt => EmulatedReply.Raw(JsonSerializer.Serialize(new { detail = attempt.BodyText + attempt.Headers["authorization"] }), "application/json", 422)) },
        { "quotes the request as a page", () => new ProviderEmulator().Respond(attempt => EmulatedReply.Raw("<html>" + attempt.BodyText, "text/html", 502)) },
        { "echoes the request as its answer", () => new ProviderEmulator().Respond(attempt => EmulatedReply.Raw(attempt.Body, "application/json")) },
        { "answers with text that is no JSON", () => new ProviderEmulator().Respond(attempt => EmulatedReply.Raw(Prompt + Answer, "application/json")) },
        { "breaks off in mid-answer", () => new ProviderEmulator().ThenReply(EmulatedReply.Answer(Answer).ResetAfterUpdates(5)) },
        { "breaks its JSON in mid-answer", () => new ProviderEmulator().ThenReply(EmulatedReply.Answer(Answer).MalformedEventAt(3)) },
        { "refuses connections", () => new ProviderEmulator().ThenReply(new EmulatedReply().ConnectionRefused()) },
        { "redirects with the key in the address", () => new ProviderEmulator().ThenReply(new EmulatedReply().RedirectTo(new Uri($"https://elsewhere.example.test/?key={Key}"))) },
        { "is overloaded and quotes the prompt", () => new ProviderEmulator().ThenReply(EmulatedReply.Error(503, message: $"busy with '{Prompt}' of {Key}")) },
    };

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Nothing_that_is_logged_thrown_or_traced_holds_a_secret(string what, Func<ProviderEmulator> host)
    {
        var loggers = new ListLoggerFactory();
        using var spans = new SpanRecorder();
        List<string> said = [];
        foreach (bool isStreaming in new[] { false, true })
        {
            await using FastClient client = Emulated.Both(host(), new ProviderEmulator().Then(500), h => h.UseLoggerFactory(loggers).UseTelemetry(telemetry => telemetry.CaptureMessageContent = false));
            try
            {
                if (isStreaming) await client.GetStreamingResponseAsync(Messages(), Options()).ToChatResponseAsync();
                else await client.GetResponseAsync(Messages(), Options());
            }
            catch (HarborException error)
            {
                said.Add(error.ToString());
                said.Add($"{error.ProviderCode} {error.RequestId} {error.Model} {string.Join(' ', error.Attempts)}");
            }
        }

        said.AddRange(loggers.Lines);
        said.AddRange(spans.Stopped.Select(Text));

        spans.Stopped.Should().HaveCount(2);
        loggers.Lines.Should().NotBeEmpty();
        foreach (string secret in Secrets) said.Should().NotContain(text => text.Contains(secret, StringComparison.OrdinalIgnoreCase), "a host that {0} must not make {1} public", what, secret);
    }

    [Fact]
    public async Task An_embedding_call_keeps_its_texts_to_itself()
    {
        var loggers = new ListLoggerFactory();
        using var spans = new SpanRecorder();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(EmulatedReply.Error(400, message: $"Invalid input: {Prompt}")), h => h.UseLoggerFactory(loggers));

        HarborException error = (await client.Awaiting(c => c.GenerateAsync([Prompt])).Should().ThrowAsync<HarborException>()).Which;

        foreach (string text in (string[])[error.ToString(), Text(spans.Stopped.Single()), .. loggers.Lines]) text.Should().NotContain("marmalade-9431").And.NotContain("heron");
    }

    [Fact]
    public async Task A_credential_function_that_fails_is_named_and_its_key_is_not_in_the_message()
    {
        await using FastClient thrower = Create(_ => throw new InvalidOperationException("vault is sealed"));
        await using FastClient wrong = Create(_ => new ValueTask<string>(Key + "\n"));
        await using FastClient empty = Create(_ => new ValueTask<string>(""));

        HarborException[] errors = [await thrower.FailureAsync(), await wrong.FailureAsync(), await empty.FailureAsync()];

        errors.Should().OnlyContain(error => error.Kind == ErrorKind.Authentication && error.Provider == "openai" && error.Message.Contains("UseCredential"));
        errors[1].ToString().Should().NotContain(Key);
        errors[0].InnerException.Should().BeOfType<InvalidOperationException>();

        static FastClient Create(Func<CancellationToken, ValueTask<string>> credential) => FastClient.Create(h => h.UseDefaultModel(Emulated.OpenAIModel).AddOpenAI(Key, o =>
        {
            o.SendOnceThrough(new ProviderEmulator().CreateHandler());
            o.UseCredential(credential);
        }));
    }

    [Fact]
    public void Options_and_builder_do_not_show_keys_as_text()
    {
        List<string?> shown = [];
        using FastClient client = FastClient.Create(h =>
        {
            h.AddOpenAI(Key, o =>
            {
                o.DefaultHeaders["X-Key"] = Key;
                shown.Add(o.ToString());
            });
            h.AddLocal("lab", Emulated.LocalEndpoint, o =>
            {
                o.Keys.Add(Key);
                shown.Add(o.ToString());
            });
            shown.Add(h.ToString());
        });
        shown.Add(client.ToString());
        shown.Add(client.Describe(PerformanceMode.Full).ToString());

        shown.Should().NotContain(text => text!.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_key_goes_into_one_header_and_nowhere_else()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        ChatResponse answer = await client.AskAsync();

        EmulatedAttempt attempt = provider.Attempts.Single();
        attempt.Headers.Where(header => header.Value.Contains(Key, StringComparison.Ordinal)).Select(header => header.Key).Should().Equal("Authorization");
        attempt.Path.Should().NotContain(Key);
        attempt.BodyText.Should().NotContain(Key);
        JsonSerializer.Serialize(answer, AIJsonUtilities.DefaultOptions).Should().NotContain(Key);
    }

    [Fact]
    public async Task Switched_on_content_shows_prompt_and_answer_on_the_span_and_still_no_key_and_nothing_in_logs()
    {
        var loggers = new ListLoggerFactory();
        using var spans = new SpanRecorder();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(EmulatedReply.Answer(Answer)), h => h.UseLoggerFactory(loggers).UseTelemetry(telemetry => telemetry.CaptureMessageContent = true));

        await client.GetResponseAsync(Messages());

        string span = Text(spans.Stopped.Single());
        span.Should().Contain("marmalade-9431").And.Contain("red suitcases").And.NotContain(Key);
        loggers.Lines.Should().NotContain(line => line.Contains("marmalade", StringComparison.Ordinal) || line.Contains("suitcases", StringComparison.Ordinal));
    }

    private static List<ChatMessage> Messages() =>
    [
        new(ChatRole.User, Prompt),
        new(ChatRole.Assistant, [new FunctionCallContent("c0", "look_up", new Dictionary<string, object?> { ["who"] = "x" })]),
        new(ChatRole.Tool, [new FunctionResultContent("c0", ToolResult)]),
    ];

    private static ChatOptions Options() => new() { Instructions = Instructions };

    private static string Text(Activity span) =>
        $"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))} {string.Join(' ', span.Events.SelectMany(e => e.Tags).Select(tag => $"{tag.Key}={tag.Value}"))} {string.Join(' ', span.Baggage)}";
}
