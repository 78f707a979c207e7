using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Pipeline;

// A restart seen through a user's stage, and by observers.
public sealed class SeamTests
{
    private static readonly HarborChatOptions Restarting = new() { MidStream = MidStreamPolicy.Restart };

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task What_a_stage_changed_is_what_a_restart_repeats_and_hands_out()
    {
        var broken = new ProviderEmulator(_time).ThenAnswer(["one ", "two "], reply => reply.CutAfterUpdates(1));
        var whole = new ProviderEmulator(_time).ThenAnswer(["one ", "more"]);
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, Shouting, broken, whole);

        var updates = await client.GetStreamingResponseAsync("hi", Restarting).ToListAsync();

        updates.Should().NotContain(update => update.IsRestart());
        string.Concat(updates.Select(update => update.Text)).Should().Be("ONE MORE");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_visible_restart_hands_out_the_new_answer_as_the_stage_changed_it()
    {
        var broken = new ProviderEmulator(_time).ThenAnswer(["one ", "two "], reply => reply.CutAfterUpdates(2));
        var whole = new ProviderEmulator(_time).ThenAnswer(["one ", "more"]);
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, Shouting, broken, whole);

        var updates = await client.GetStreamingResponseAsync("hi", Restarting).ToListAsync();

        updates.ToHarborResponse().Text.Should().Be("ONE MORE");
        updates.Should().ContainSingle(update => update.IsRestart());
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_partial_answer_of_an_interruption_is_what_the_caller_saw()
    {
        var broken = new ProviderEmulator(_time).ThenAnswer(["one ", "two "], reply => reply.CutAfterUpdates(1));
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, Shouting, broken);

        var act = () => client.GetStreamingResponseAsync("hi").ToListAsync();

        (await act.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("ONE ");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_observer_sees_the_fragments_of_a_tool_call_once_across_an_invisible_restart()
    {
        var reply = EmulatedReply.Answer(["x "]).ToolCall("call_1", "f", "{\"a\":", "1}");
        var broken = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer(["x "]).ToolCall("call_1", "f", "{\"a\":", "1}").CutAfterUpdates(3));
        var whole = new ProviderEmulator(_time).ThenReply(reply);
        var observer = new FragmentObserver();
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, builder => builder.AddStage(StageScope.Call, (next, call) =>
        {
            call.Observe(observer);
            return next.OpenAsync(call);
        }), broken, whole);

        var updates = await client.GetStreamingResponseAsync("hi", Restarting).ToListAsync();

        observer.Seen.Should().Be("x {\"a\":1}");
        updates.Should().NotContain(update => update.IsRestart());
        updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Should().ContainSingle();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(StageScope.Call)]
    [InlineData(StageScope.Attempt)]
    public async Task An_observer_sees_every_update_of_a_plain_call_that_is_streamed_upstream(StageScope scope)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"]);
        var observer = new FragmentObserver();
        await using var client = TestClients.Chain(_time, PerformanceMode.Full, builder => builder.AddStage(scope, (next, call) =>
        {
            call.Observe(observer);
            return next.OpenAsync(call);
        }), provider);

        var answer = await client.GetResponseAsync("hi");

        observer.Seen.Should().Be("one two three");
        answer.Text.Should().Be("one two three");
    }

    [Fact]
    public async Task A_plain_call_that_is_streamed_upstream_knows_when_its_answer_began()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"]);
        await using var client = TestClients.Chain(_time, PerformanceMode.Full, builder => { }, provider);

        var answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("one two three");
        answer.GetHarborInfo().TimeToFirstUpdate.Should().NotBeNull();
    }

    private static void Shouting(HarborBuilder builder) =>
        builder.AddStage(StageScope.Attempt, async (next, call) => new ShoutingReader(await next.OpenAsync(call).ConfigureAwait(false)));

    private sealed class FragmentObserver : IUpdateObserver
    {
        private readonly StringBuilder _seen = new();

        public string Seen => _seen.ToString();

        public Exception? OnUpdate(Call call, in HarborUpdate update)
        {
            if (update.Kind is HarborUpdateKind.Text or HarborUpdateKind.ToolCall) _seen.Append(Encoding.UTF8.GetString(update.Utf8.Span));
            return null;
        }

        public void OnRestart() => _seen.Clear();
    }
}
