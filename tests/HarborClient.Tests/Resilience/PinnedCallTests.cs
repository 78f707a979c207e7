using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// What only one provider understands stays with it, and a prompt that was too long goes where it fits.
public sealed class PinnedCallTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string> Pins => ["conversation", "file", "raw"];

    [Theory]
    [MemberData(nameof(Pins))]
    public async Task A_call_that_holds_something_of_its_provider_does_not_go_elsewhere(string pin)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        ProviderEmulator b = new(_time);
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Fast, null, a, b);
        var options = new HarborChatOptions();
        var message = new ChatMessage(ChatRole.User, "hi");
        if (pin == "conversation") options.ConversationId = "conv-1";
        else if (pin == "file") message.Contents.Add(new HostedFileContent("file-1"));
        else options.RawRepresentationFactory = _ => new System.Text.Json.Nodes.JsonObject();

        Func<Task> call = () => client.GetResponseAsync([message], options);

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        b.Attempts.Should().BeEmpty();
        error.Decisions.Should().Contain(decision => decision.Kind == DecisionKind.Exclusion && decision.Target == "b/two");
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_goes_to_a_larger_window_and_not_to_a_smaller()
    {
        ProviderEmulator cloud = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(400, code: "context_length_exceeded")).ThenAnswer("it fits");
        await using FastClient client = FastClient.Create(h => h
            .AddOpenAI("sk-test-key-7Qm2xWv9", o => o.UseHandler(cloud.CreateHandler()))
            .MapModel("chat", "openai/gpt-4o-mini", "openai/gpt-4", "openai/gpt-4.1")
            .UseDefaultModel("chat")
            .UseTimeProvider(_time));

        ChatResponse answer = await client.GetResponseAsync("a very long story");

        answer.Text.Should().Be("it fits");
        answer.GetHarborInfo().Model.Should().Be("gpt-4.1");
        cloud.Attempts.Should().HaveCount(2);
    }

    [Fact]
    public async Task The_decisions_of_a_call_that_went_as_planned_name_who_was_asked_and_who_answered()
    {
        await using FastClient client = TestClients.Balanced(new ProviderEmulator(_time), _time);

        HarborCallInfo info = (await client.GetResponseAsync("hi")).GetHarborInfo();

        info.Decisions.Select(decision => (decision.Kind, decision.Target)).Should().Equal((DecisionKind.Attempt, TestClients.Model), (DecisionKind.Answer, TestClients.Model));
    }

    [Fact]
    public async Task The_decisions_of_a_failover_are_told_in_order_and_survive_a_stream()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503);
        ProviderEmulator b = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Fast, null, a, b);

        ChatResponse streamed = (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();

        streamed.GetHarborInfo().Decisions.Select(decision => (decision.Kind, decision.Target)).Should().Equal(
            (DecisionKind.Candidates, null),
            (DecisionKind.Attempt, "a/one"),
            (DecisionKind.Failure, "a/one"),
            (DecisionKind.Failover, "b/two"),
            (DecisionKind.Attempt, "b/two"),
            (DecisionKind.Answer, "b/two"));
    }

    [Fact]
    public async Task The_same_seed_decides_the_same()
    {
        string[] first = await DecideAsync(7);
        string[] second = await DecideAsync(7);
        string[] other = await DecideAsync(8);

        second.Should().Equal(first);
        other.Should().NotEqual(first);
    }

    private static async Task<string[]> DecideAsync(int seed)
    {
        var time = new ManualTimeProvider();
        ProviderEmulator a = new ProviderEmulator(time).Then(500).Then(503).ThenAnswer("at last");
        await using FastClient client = TestClients.Chain(time, PerformanceMode.Balanced, builder => builder.UseRandomSeed(seed), 3, a);
        Task<ChatResponse> call = client.GetResponseAsync("hi");
        await time.AdvanceUntil(call);
        return [.. (await call).GetHarborInfo().Decisions.Select(decision => decision.ToString())];
    }
}
