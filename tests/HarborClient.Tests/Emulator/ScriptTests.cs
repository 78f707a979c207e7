using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

public sealed class ScriptTests
{
    [Fact]
    public async Task Steps_are_used_up_in_order_and_then_the_default_answers()
    {
        var provider = new ProviderEmulator().Then(503).ThenAnswer("scripted").Otherwise(EmulatedReply.Answer("default"));

        using var first = await provider.SendAsync(Requests.Chat());
        var second = await provider.AskAsync(Requests.Chat(isStreaming: false));
        var third = await provider.AskAsync(Requests.Chat(isStreaming: false));

        first.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        second.Should().Contain("\"content\":\"scripted\"");
        third.Should().Contain("\"content\":\"default\"");
    }

    [Fact]
    public async Task The_first_rule_that_answers_wins_before_the_script()
    {
        var provider = new ProviderEmulator()
            .Respond(attempt => attempt.BodyText.Contains("weather", StringComparison.Ordinal) ? EmulatedReply.Answer("sunny") : null)
            .Respond(attempt => attempt.BodyText.Contains("weather", StringComparison.Ordinal) ? EmulatedReply.Answer("never reached") : null)
            .ThenAnswer("scripted");

        var ruled = await provider.AskAsync(Requests.Chat(isStreaming: false, question: "weather?"));
        var scripted = await provider.AskAsync(Requests.Chat(isStreaming: false, question: "anything"));

        ruled.Should().Contain("sunny");
        scripted.Should().Contain("scripted");
    }

    [Fact]
    public async Task A_rule_that_throws_fails_the_request_that_asked_it()
    {
        var provider = new ProviderEmulator().Respond(_ => throw new InvalidOperationException("broken rule"));

        var sending = () => provider.SendAsync(Requests.Chat());

        await sending.Should().ThrowAsync<InvalidOperationException>().WithMessage("broken rule");
    }

    [Fact]
    public async Task A_step_is_a_copy_of_the_reply_it_was_made_from()
    {
        var reply = EmulatedReply.Answer("first");
        var provider = new ProviderEmulator().ThenReply(reply);
        reply.Text("changed");

        var answer = await provider.AskAsync(Requests.Chat(isStreaming: false));

        answer.Should().Contain("first");
    }

    [Fact]
    public async Task EveryReply_changes_scripted_and_default_replies_alike()
    {
        var provider = new ProviderEmulator().EveryReply(reply => reply.Header("x-host", "a").ChunkSize(10)).ThenAnswer("scripted");

        using var scripted = await provider.SendAsync(Requests.Chat());
        using var byDefault = await provider.SendAsync(Requests.Chat());

        scripted.Headers.GetValues("x-host").Should().Equal("a");
        byDefault.Headers.GetValues("x-host").Should().Equal("a");
        (await byDefault.ReadsAsync()).SkipLast(1).Should().OnlyContain(read => read.Length == 10);
    }

    [Fact]
    public async Task An_attempt_records_what_was_sent_and_how_it_ended()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).ThenAnswer("hello");
        var request = Requests.Chat(isStreaming: true, question: "why?");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer test-key");

        var body = await provider.AskAsync(request);

        var attempt = provider.Attempts.Should().ContainSingle().Subject;
        attempt.Number.Should().Be(1);
        attempt.Method.Should().Be("POST");
        attempt.Path.Should().Be("/v1/chat/completions");
        attempt.Headers["authorization"].Should().Be("Bearer test-key");
        attempt.Headers["Content-Type"].Should().Be("application/json; charset=utf-8");
        attempt.Model.Should().Be("gpt-5-mini");
        attempt.IsStreaming.Should().BeTrue();
        attempt.BodyText.Should().Contain("why?");
        attempt.StatusCode.Should().Be(200);
        attempt.BytesSent.Should().Be(body.Length);
        attempt.Outcome.Should().Be(AttemptOutcome.Completed);
        attempt.ReceivedAt.Should().Be(time.GetUtcNow());
        attempt.EndedAt.Should().Be(time.GetUtcNow());
    }

    [Fact]
    public async Task Attempts_in_flight_are_counted_and_their_peak_is_kept()
    {
        var provider = new ProviderEmulator(new ManualTimeProvider()).ThenReply(new EmulatedReply().NeverAnswer(), times: 2);
        using var cancellation = new CancellationTokenSource();

        var first = provider.SendAsync(Requests.Chat(), cancellation.Token);
        var second = provider.SendAsync(Requests.Chat(), cancellation.Token);
        provider.InFlight.Should().Be(2);
        await cancellation.CancelAsync();

        await first.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await second.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        provider.InFlight.Should().Be(0);
        provider.PeakInFlight.Should().Be(2);
    }

    [Fact]
    public async Task Concurrent_requests_get_one_step_each()
    {
        var provider = new ProviderEmulator();
        var texts = Enumerable.Range(0, 200).Select(i => $"answer-{i}-").ToList();
        texts.ForEach(text => provider.ThenAnswer(text));

        var answers = await Task.WhenAll(texts.Select(_ => Task.Run(() => provider.AskAsync(Requests.Chat(isStreaming: false)))));

        texts.Should().OnlyContain(text => answers.Count(answer => answer.Contains(text)) == 1);
        provider.Attempts.Select(attempt => attempt.Number).Should().Equal(Enumerable.Range(1, 200));
    }
}
