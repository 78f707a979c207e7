using System.Diagnostics;
using HarborClient.Testing;
using HarborClient.Tests.Tools;

namespace HarborClient.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class ToolSpanTests : IDisposable
{
    private readonly SpanRecorder _spans = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _spans.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_and_functions_are_children_of_one_span_which_is_a_child_of_the_callers(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather")).ThenAnswer(["It ", "rains."]);
        await using FastClient client = ToolBox.Client(provider, _time);
        Activity? inFunction = null;
        ChatOptions options = ToolBox.With(ToolBox.Weather(_ =>
        {
            inFunction = Activity.Current;
            return "rain";
        }));
        using Activity parent = new Activity("caller").Start();

        if (isStreaming)
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hi", options)) Activity.Current.Should().BeSameAs(parent);
        }
        else
        {
            await client.GetResponseAsync("hi", options);
        }

        Activity.Current.Should().BeSameAs(parent);
        _spans.Stopped.Select(span => span.DisplayName).Should().Equal($"chat {TestClients.Model}", "execute_tool weather", $"chat {TestClients.Model}", "orchestrate_tools");
        Activity loop = _spans.Stopped[^1];
        loop.ParentSpanId.Should().Be(parent.SpanId);
        _spans.Stopped.SkipLast(1).Should().OnlyContain(span => span.ParentSpanId == loop.SpanId);
        Activity function = _spans.Stopped[1];
        inFunction.Should().BeSameAs(function);
        function.Kind.Should().Be(ActivityKind.Internal);
        function.TagObjects.ToDictionary().Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            ["gen_ai.operation.name"] = "execute_tool",
            ["gen_ai.tool.name"] = "weather",
            ["gen_ai.tool.call.id"] = "call_weather_0",
            ["gen_ai.tool.type"] = "function",
            ["gen_ai.tool.description"] = "The weather.",
        });
    }

    [Fact]
    public async Task Arguments_and_results_are_on_the_span_only_where_content_is_captured()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, more: h => h.UseTelemetry(o => o.CaptureMessageContent = true));

        await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather()));

        Activity function = _spans.Stopped.Single(span => span.DisplayName == "execute_tool weather");
        function.GetTagItem("gen_ai.tool.call.arguments").Should().Be("{\"city\":\"Oslo\"}");
        function.GetTagItem("gen_ai.tool.call.result").Should().Be("rain in Oslo");
    }

    [Fact]
    public async Task A_failing_function_and_a_failing_loop_say_so()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather"));
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.MaximumConsecutiveErrors = 0);

        await client.Awaiting(c => c.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(_ => throw new InvalidOperationException())))).Should().ThrowAsync<HarborException>();

        _spans.Stopped.Select(span => span.GetTagItem("error.type")).Should().Equal(new object?[] { null, typeof(InvalidOperationException).FullName, "Tool" });
        _spans.Stopped.Skip(1).Should().OnlyContain(span => span.Status == ActivityStatusCode.Error);
    }

    [Fact]
    public async Task A_stream_that_is_left_ends_its_span()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather").Pieces("one")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time);

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hi", ToolBox.With(ToolBox.Weather()))) break;

        _spans.Stopped.Should().HaveSameCount(_spans.Started).And.Contain(span => span.DisplayName == "orchestrate_tools");
    }
}
