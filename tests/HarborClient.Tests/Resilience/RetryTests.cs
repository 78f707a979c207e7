using System.Net;
using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Resilience;

public sealed class RetryTests
{
    private readonly ManualTimeProvider _time = new();

    private static readonly PerformanceMode[] Patient = [PerformanceMode.Balanced, PerformanceMode.Full];

    public static TheoryData<PerformanceMode> PatientModes => [.. Patient];

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task A_429_with_retry_after_is_waited_out_at_the_same_target(PerformanceMode mode)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(429, retryAfterSeconds: 3).ThenAnswer("hello");
        ProviderEmulator b = new(_time);
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a, b);

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.Text.Should().Be("hello");
        HarborCallInfo info = answer.GetHarborInfo();
        info.Attempts.Should().HaveCount(2);
        info.Duration.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3)).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(3.4));
        b.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(PatientModes))]
    public async Task A_longer_retry_after_is_left_to_the_next_target(PerformanceMode mode)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(429, retryAfterSeconds: 20).ThenAnswer("too late");
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer("from b");
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a, b);

        ChatResponse answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("from b");
        answer.GetHarborInfo().Duration.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task With_no_other_target_a_longer_retry_after_is_waited_out_if_it_fits_the_deadline()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(429, retryAfterSeconds: 20).ThenAnswer("at last");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a);

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.Text.Should().Be("at last");
        answer.GetHarborInfo().Duration.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(20)).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(22.2));
    }

    [Fact]
    public async Task A_wait_that_does_not_fit_the_deadline_is_not_begun()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(429, retryAfterSeconds: 4);
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a);

        Func<Task> call = () => client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "chat", TotalTimeout = TimeSpan.FromSeconds(3) });

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.RateLimited);
        error.RetryAfter.Should().Be(TimeSpan.FromSeconds(4));
        _time.GetTimestamp().Should().Be(0);
        a.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_hiccup_is_retried_once_at_the_same_target_and_then_the_next_is_asked()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(500).Then(500);
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer("from b");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a, b);

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.Text.Should().Be("from b");
        a.Attempts.Should().HaveCount(2);
        answer.GetHarborInfo().Duration.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task With_no_other_target_three_attempts_are_made()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503).Then(503).Then(503).ThenAnswer("a fourth");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a);

        Func<Task> call = () => Drive(client.GetResponseAsync("hi"));

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Overloaded);
        error.Attempts.Should().HaveCount(3);
        error.Decisions.Select(decision => decision.Kind).Should().Contain([DecisionKind.Retry, DecisionKind.Failure]);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Fast_asks_once_and_does_not_wait()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503, retryAfterSeconds: 1).ThenAnswer("later");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Fast, null, 3, a);

        Func<Task> call = () => client.GetResponseAsync("hi");

        await call.Should().ThrowAsync<HarborException>().Where(error => error.Kind == ErrorKind.Overloaded);
        a.Attempts.Should().HaveCount(1);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task What_would_be_wrong_again_is_not_sent_again(int status)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(status).ThenAnswer("no");
        ProviderEmulator b = new(_time);
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a, b);

        Func<Task> call = () => client.GetResponseAsync("hi");

        await call.Should().ThrowAsync<HarborException>().Where(error => error.StatusCode == (HttpStatusCode)status);
        a.Attempts.Should().HaveCount(1);
        b.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task X_should_retry_false_is_the_hosts_own_word()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(503, headers: new Dictionary<string, string> { ["x-should-retry"] = "false" }).ThenAnswer("no");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a);

        Func<Task> call = () => client.GetResponseAsync("hi");

        await call.Should().ThrowAsync<HarborException>();
        a.Attempts.Should().HaveCount(1);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(401)]
    public async Task Another_key_is_tried_at_once(int status)
    {
        ProviderEmulator provider = new ProviderEmulator(_time).Then(status).ThenAnswer("with the other key");
        await using FastClient client = TestClients.OpenAI(provider, _time, options: o =>
        {
            o.Keys.Add("sk-second-key-7Qm2xWv9");
            o.Retry.MaximumAttempts = 3;
        });

        ChatResponse answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("with the other key");
        provider.Attempts.Select(attempt => attempt.Headers["Authorization"]).Distinct().Should().HaveCount(2);
        answer.GetHarborInfo().Decisions.Should().Contain(decision => decision.Kind == DecisionKind.KeyRotation);
    }

    [Fact]
    public async Task The_callers_cancellation_ends_a_back_off_at_once()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(429, retryAfterSeconds: 3);
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a);
        using var cancellation = new CancellationTokenSource();

        Task<ChatResponse> pending = client.GetResponseAsync("hi", cancellationToken: cancellation.Token);
        await a.AttemptEnded(1);
        cancellation.Cancel();

        Func<Task> call = () => pending.WaitAsync(TestClients.Guard);
        (await call.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancellation.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Disposing_the_client_ends_a_back_off()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(429, retryAfterSeconds: 3);
        FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a);

        Task<ChatResponse> pending = client.GetResponseAsync("hi");
        await a.AttemptEnded(1);
        client.Dispose();

        Func<Task> call = () => pending.WaitAsync(TestClients.Guard);
        await call.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task A_retry_off_setting_turns_retries_off()
    {
        ProviderEmulator provider = new ProviderEmulator(_time).Then(503).ThenAnswer("no");
        await using FastClient client = TestClients.OpenAI(provider, _time, options: o => o.Retry.MaximumAttempts = 1);

        Func<Task> call = () => client.GetResponseAsync("hi");

        await call.Should().ThrowAsync<HarborException>();
        provider.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_plain_call_in_Full_starts_over_at_its_only_target_after_a_cut()
    {
        ProviderEmulator a = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"], reply => reply.CutAfterUpdates(2)).ThenAnswer("one two three");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Full, null, 3, a);

        ChatResponse answer = await Drive(client.GetResponseAsync("hi"));

        answer.Text.Should().Be("one two three");
        answer.GetHarborInfo().Decisions.Should().Contain(decision => decision.Kind == DecisionKind.Restart);
    }

    private async Task<T> Drive<T>(Task<T> call)
    {
        await _time.AdvanceUntil(call);
        return await call;
    }
}
