using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Where and when a broken answer is started over.
public sealed class RestartPlaceTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> PatientModes => RetryTests.PatientModes;

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task An_answer_that_breaks_starts_over_at_the_same_target_when_the_other_is_left_alone(PerformanceMode mode)
    {
        var a = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.CutAfterUpdates(1)).ThenAnswer(["one ", "two"]);
        ProviderEmulator b = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(429, 3600));
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a, b);
        await RefuseAsync(client, "b/two");

        ChatResponse answer = await Drive(client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "chat", MidStream = MidStreamPolicy.Restart }));

        answer.Text.Should().Be("one two");
        a.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task It_does_not_wait_for_the_other_to_come_back(PerformanceMode mode)
    {
        var a = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.CutAfterUpdates(1)).ThenAnswer(["one ", "two"]);
        ProviderEmulator b = new ProviderEmulator(_time).Then(429, 60).Otherwise(EmulatedReply.Answer("one two"));
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a, b);
        await RefuseAsync(client, "b/two");

        ChatResponse answer = await Drive(client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "chat", MidStream = MidStreamPolicy.Restart }));

        answer.Text.Should().Be("one two");
        answer.GetHarborInfo().Duration.Should().BeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Nobody_backs_off_beyond_the_deadline_to_start_over()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            var time = new ManualTimeProvider();
            ProviderEmulator a = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer(["one ", "two"]).DelayBeforeFirstUpdate(TimeSpan.FromSeconds(0.9)).CutAfterUpdates(1));
            await using FastClient client = TestClients.OpenAI(
                a, time, configure: builder => builder.UseRandomSeed(seed), options: openAI => (openAI.Retry.MaximumAttempts, openAI.Retry.BaseDelay) = (3, TimeSpan.FromSeconds(8)));

            Task<ChatResponse> call = client.GetResponseAsync("hi", new HarborChatOptions { ModelId = TestClients.Model, MidStream = MidStreamPolicy.Restart, TotalTimeout = TimeSpan.FromSeconds(1) });
            await time.AdvanceUntil(call);

            Func<Task> act = () => call;
            (await act.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("one ");
            time.GetElapsedTime(0).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(1.05));
            client.Outstanding().Should().Be(Outstanding.None);
        }
    }

    private static async Task RefuseAsync(FastClient client, string model)
    {
        Func<Task> refused = () => client.GetResponseAsync("hi", new HarborChatOptions { ModelId = model, Mode = PerformanceMode.Fast });
        await refused.Should().ThrowAsync<HarborException>();
    }

    private async Task<T> Drive<T>(Task<T> call)
    {
        await _time.AdvanceUntil(call, TimeSpan.FromHours(3));
        return await call;
    }
}
