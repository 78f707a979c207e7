using System.Diagnostics;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class SpanTests : IDisposable
{
    private readonly SpanRecorder _spans = new();

    public void Dispose() => _spans.Dispose();

    [Theory]
    [InlineData(PerformanceMode.Balanced, false)]
    [InlineData(PerformanceMode.Balanced, true)]
    [InlineData(PerformanceMode.Full, false)]
    public async Task A_call_is_a_client_span_with_these_tags(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(EmulatedReply.Answer("fine").Usage(20, 9, 5, 3).Model("answering-model")), h => h.UseMode(mode));
        var options = new ChatOptions { Temperature = 0.5f, TopP = 0.25f, MaxOutputTokens = 100, Seed = 42 };

        if (isStreaming) await client.UpdatesAsync(options: options);
        else await client.AskAsync(options: options);

        Activity span = _spans.Stopped.Should().ContainSingle().Which;
        span.DisplayName.Should().Be("chat openai/gpt-4o-mini");
        span.Kind.Should().Be(ActivityKind.Client);
        span.Status.Should().Be(ActivityStatusCode.Unset);
        Dictionary<string, object?> tags = span.TagObjects.ToDictionary();
        tags.Remove("gen_ai.response.time_to_first_chunk").Should().Be(isStreaming, "a plain answer has no first chunk");
        tags.Remove("gen_ai.response.id", out object? id).Should().BeTrue();
        id.Should().Be("chatcmpl-emulated-1");
        tags.Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.provider.name"] = "openai",
            ["gen_ai.request.model"] = "gpt-4o-mini",
            ["gen_ai.request.temperature"] = 0.5f,
            ["gen_ai.request.top_p"] = 0.25f,
            ["gen_ai.request.max_tokens"] = 100,
            ["gen_ai.request.seed"] = 42L,
            ["gen_ai.response.model"] = "answering-model",
            ["gen_ai.response.finish_reasons"] = new[] { "stop" },
            ["gen_ai.usage.input_tokens"] = 20L,
            ["gen_ai.usage.output_tokens"] = 9L,
            ["gen_ai.usage.cache_read.input_tokens"] = 5L,
            ["gen_ai.usage.reasoning.output_tokens"] = 3L,
            ["server.address"] = "api.example.test",
            ["server.port"] = 443,
            ["harbor.mode"] = mode.ToString(),
            ["harbor.requested_model"] = "openai/gpt-4o-mini",
            ["harbor.attempts"] = 1,
            ["harbor.cost.nano_usd"] = 8_025L,
        });
    }

    [Fact]
    public async Task The_fast_mode_has_no_spans()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h.UseMode(PerformanceMode.Fast));

        await client.AskAsync();

        _spans.Started.Should().BeEmpty();
    }

    [Fact]
    public async Task A_call_that_asked_two_targets_is_one_span_of_the_one_that_answered()
    {
        await using FastClient client = Emulated.Both(new ProviderEmulator().Then(503), new ProviderEmulator());

        await client.AskAsync();

        Activity span = _spans.Stopped.Should().ContainSingle().Which;
        span.DisplayName.Should().Be("chat chat");
        span.GetTagItem("gen_ai.provider.name").Should().Be("lab");
        span.GetTagItem("gen_ai.request.model").Should().Be("small");
        span.GetTagItem("harbor.attempts").Should().Be(2);
        span.GetTagItem("error.type").Should().BeNull();
    }

    [Fact]
    public async Task An_error_is_the_spans_status_and_type()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().Then(401).ThenReply(EmulatedReply.Answer("one two").ResetAfterUpdates(1)));

        HarborException refused = await client.FailureAsync();
        await client.Awaiting(c => c.UpdatesAsync()).Should().ThrowAsync<StreamInterruptedException>();

        _spans.Stopped.Select(span => span.GetTagItem("error.type")).Should().Equal("Authentication", "Interrupted");
        _spans.Stopped.Should().OnlyContain(span => span.Status == ActivityStatusCode.Error);
        _spans.Stopped[0].StatusDescription.Should().Be(refused.Message);
    }

    [Fact]
    public async Task A_call_that_its_caller_cancelled_or_left_ends_its_span_without_being_an_error()
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().NeverAnswer()).ThenReply(EmulatedReply.Answer("one two").SilentAfterUpdates(1));
        await using FastClient client = Emulated.OpenAI(provider);
        using var source = new CancellationTokenSource();

        Task call = client.AskAsync(cancellationToken: source.Token);
        await provider.AttemptReceived(1);
        _spans.Stopped.Should().BeEmpty();
        await source.CancelAsync();
        await call.Awaiting(pending => pending).Should().ThrowAsync<OperationCanceledException>();
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")])) break;

        _spans.Stopped.Select(span => span.GetTagItem("error.type")).Should().Equal("Cancelled", "Abandoned");
        _spans.Stopped.Should().OnlyContain(span => span.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_has_no_span()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());

        _ = client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")]);

        _spans.Started.Should().BeEmpty();
    }

    [Fact]
    public async Task The_span_is_a_child_of_the_callers_and_current_for_the_request_only()
    {
        Activity? during = null;
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenAnswer("plain").ThenAnswer("streamed text"), h => h.AddStage(StageScope.Attempt, next => new CallProbe(next, _ => during = Activity.Current)));
        using Activity parent = new Activity("caller").Start();

        await client.AskAsync();
        Activity.Current.Should().BeSameAs(parent);
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")])) Activity.Current.Should().BeSameAs(parent);

        Activity.Current.Should().BeSameAs(parent);
        _spans.Stopped.Should().HaveCount(2).And.OnlyContain(span => span.ParentSpanId == parent.SpanId && span.TraceId == parent.TraceId);
        during.Should().BeSameAs(_spans.Stopped[1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_ends_leaves_the_callers_newer_activity_current(bool isBroken)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(isBroken ? EmulatedReply.Answer(["one", "two"]).CutAfterUpdates(2) : EmulatedReply.Answer(["one", "two"])));
        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")]).GetAsyncEnumerator();
        (await updates.MoveNextAsync()).Should().BeTrue();

        using Activity newer = new Activity("started while reading").Start();
        try
        {
            while (await updates.MoveNextAsync()) Activity.Current.Should().BeSameAs(newer);
        }
        catch (StreamInterruptedException)
        {
            isBroken.Should().BeTrue();
        }

        _spans.Stopped.Should().ContainSingle();
        Activity.Current.Should().BeSameAs(newer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prompts_and_answers_are_on_the_span_only_when_that_is_switched_on(bool isOn)
    {
        await using FastClient client = Emulated.OpenAI(
            new ProviderEmulator().ThenReply(EmulatedReply.Answer("The answer.").Reasoning("Thinking.").ToolCall("c1", "weather", "{}")),
            h => h.UseTelemetry(telemetry => telemetry.CaptureMessageContent = isOn));

        await client.AskAsync("The question?");

        Activity span = _spans.Stopped.Single();
        if (isOn)
        {
            span.GetTagItem("gen_ai.input.messages").Should().Be("""[{"role":"user","parts":[{"type":"text","content":"The question?"}]}]""");
            span.GetTagItem("gen_ai.output.messages").Should().Be("""[{"role":"assistant","parts":[{"type":"reasoning","content":"Thinking."},{"type":"text","content":"The answer."},{"type":"tool_call","content":"weather"}]}]""");
        }
        else
        {
            span.TagObjects.Select(tag => tag.Key).Should().NotContain(key => key.EndsWith(".messages", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_embedding_call_is_a_span_too()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h.UseTelemetry(telemetry => telemetry.CaptureMessageContent = true));

        await client.GenerateAsync(["a"]);

        Activity span = _spans.Stopped.Should().ContainSingle().Which;
        span.DisplayName.Should().Be("embeddings openai/text-embedding-3-small");
        span.GetTagItem("gen_ai.operation.name").Should().Be("embeddings");
        span.GetTagItem("gen_ai.output.messages").Should().BeNull();
    }

    [Fact]
    public async Task The_trace_goes_to_local_hosts_and_not_to_a_providers_cloud()
    {
        var local = new ProviderEmulator();
        await using EmulatorServer server = await local.StartAsync();
        await using FastClient client = FastClient.Create(h => h
            .AddLocal("lab", server.Endpoint)
            .AddLocal("quiet", server.Endpoint, o => o.Transport.PropagateTraceContext = false)
            .AddOpenAI(Emulated.Key, o => o.Endpoint = server.Endpoint));
        using Activity parent = new Activity("caller").Start();

        foreach (string model in new[] { "lab/m", "quiet/m", "openai/m" }) await client.AskAsync(options: new ChatOptions { ModelId = model });

        local.Attempts[0].Headers["traceparent"].Should().Contain(parent.TraceId.ToString());
        local.Attempts[1].Headers.Should().NotContainKey("traceparent");
        local.Attempts[2].Headers.Should().NotContainKey("traceparent");
    }
}
