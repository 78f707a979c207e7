using HarborClient.Testing;

namespace HarborClient.Tests.Embeddings;

// What goes wrong for one caller, or for all, in a request that they share.
public sealed class BatchFailureTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task One_bad_text_fails_its_own_caller_and_nobody_else()
    {
        await using var host = new BatchHost();
        host.Provider.Respond(attempt => BatchHost.Inputs(attempt).Contains("bad") ? Refusal() : null);
        await host.HoldAsync();

        Task<GeneratedEmbeddings<Embedding<float>>>[] callers = [.. Enumerable.Range(0, 32).Select(i => host.Ask(i == 13 ? "bad" : $"text {i}"))];
        await host.PassWaitAsync(2);

        HarborException error = await ErrorOf(callers[13]);
        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Attempts.Should().ContainSingle();
        await Task.WhenAll(callers.Where((_, i) => i != 13)).WaitAsync(Guard);
        host.Provider.Attempts.Count.Should().Be(1 + 1 + 10, "halves of 32, 16, 8, 4 and 2");
        host.Client.Outstanding().Calls.Should().Be(1, "the held one");
    }

    [Fact]
    public async Task Within_one_call_one_bad_text_fails_the_call()
    {
        await using var host = new BatchHost(isHeld: false);
        host.Provider.Respond(attempt => BatchHost.Inputs(attempt).Contains("bad") ? Refusal() : null);

        (await ErrorOf(host.Client.GenerateAsync(["good", "bad"]))).Kind.Should().Be(ErrorKind.InvalidRequest);
        host.Provider.Attempts.Should().ContainSingle();
    }

    [Theory]
    [InlineData(401, ErrorKind.Authentication)]
    [InlineData(429, ErrorKind.RateLimited)]
    [InlineData(503, ErrorKind.Overloaded)]
    public async Task An_error_that_is_nobodys_text_fails_all_with_an_exception_each(int status, ErrorKind kind)
    {
        await using var host = new BatchHost();
        host.Provider.Then(status, retryAfterSeconds: 3);
        await host.HoldAsync();

        Task[] callers = [host.Ask("a"), host.Ask("b"), host.Ask("c")];
        await host.PassWaitAsync(2);
        List<HarborException> errors = [];
        foreach (Task caller in callers) errors.Add(await ErrorOf(caller));

        errors.Distinct().Should().HaveCount(3);
        errors.Should().OnlyContain(error => error.Kind == kind && error.Provider == "lab" && error.RetryAfter == TimeSpan.FromSeconds(3) && error.Attempts.Count == 1 && error.RequestId != null);
        host.Sizes.Should().Equal(1, 3);
    }

    [Fact]
    public async Task An_answer_with_too_few_vectors_fails_all_of_its_callers()
    {
        await using var host = new BatchHost();
        host.Provider.ThenRaw("""{"object":"list","model":"m","data":[{"index":0,"embedding":[1]}]}""", "application/json");
        await host.HoldAsync();

        Task[] callers = [host.Ask("a"), host.Ask("b")];
        await host.PassWaitAsync(2);

        foreach (Task caller in callers) (await ErrorOf(caller)).Message.Should().Contain("input 1 of 2");
    }

    [Fact]
    public async Task A_caller_that_leaves_takes_nobody_along_and_the_last_one_takes_the_request()
    {
        await using var host = new BatchHost();
        host.Provider.ThenReply(new EmulatedReply().NeverAnswer());
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        await host.HoldAsync();

        Task one = host.Ask("a", token: first.Token);
        Task other = host.Ask("b", token: second.Token);
        await host.PassWaitAsync(2);
        await first.CancelAsync();

        (await one.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(first.Token);
        other.IsCompleted.Should().BeFalse();
        host.Client.Outstanding().Calls.Should().Be(2);
        await second.CancelAsync();
        (await other.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(second.Token);
        await host.Provider.AttemptEnded(2);
    }

    [Fact]
    public async Task Each_caller_has_its_own_clock()
    {
        await using var host = new BatchHost();
        host.Provider.ThenReply(new EmulatedReply().DelayBeforeHeaders(TimeSpan.FromSeconds(30)));
        await host.HoldAsync();
        static EmbeddingGenerationOptions Within(int seconds) => new() { AdditionalProperties = new() { ["harbor.total_timeout"] = seconds } };

        Task hasty = host.Ask("a", Within(15));
        Task<GeneratedEmbeddings<Embedding<float>>> patient = host.Ask("b", Within(100));
        await host.PassWaitAsync(2);
        await host.Time.TimerSet(TimeSpan.FromSeconds(30));
        host.Time.Advance(TimeSpan.FromSeconds(5));

        var late = (await ErrorOf(hasty)).Should().BeOfType<HarborTimeoutException>().Subject;
        late.Clock.Should().Be(HarborClock.Total);
        late.Message.Should().Contain("00:00:15");
        host.Time.Advance(TimeSpan.FromSeconds(25));
        (await patient.WaitAsync(Guard)).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_caller_whose_time_is_up_while_it_waits_is_never_sent()
    {
        await using var host = new BatchHost();
        await host.HoldAsync();

        Task hasty = host.Ask("a", new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.total_timeout"] = 5 } });
        host.Time.Advance(TimeSpan.FromSeconds(5));
        await ErrorOf(hasty);
        host.Time.Advance(TimeSpan.FromSeconds(5));

        host.Provider.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task The_request_takes_as_long_as_its_most_patient_caller()
    {
        await using var host = new BatchHost();
        host.Provider.ThenReply(new EmulatedReply().NeverAnswer());
        await host.HoldAsync();

        Task[] callers = [host.Ask("a"), host.Ask("b", new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.total_timeout"] = 900 } })];
        await host.PassWaitAsync(2);
        host.Time.Advance(TimeSpan.FromSeconds(600));
        (await ErrorOf(callers[0])).Kind.Should().Be(ErrorKind.Timeout);
        callers[1].IsCompleted.Should().BeFalse();
        host.Time.Advance(TimeSpan.FromSeconds(300));

        (await ErrorOf(callers[1])).Message.Should().Contain("00:15:00");
        await host.Provider.AttemptEnded(2);
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Disposal_ends_those_who_wait_and_those_who_are_under_way()
    {
        var host = new BatchHost();
        host.Provider.ThenReply(new EmulatedReply().NeverAnswer());
        Task holding = await host.HoldAsync();
        Task underWay = host.Ask("a");
        Task alsoUnderWay = host.Ask("b");
        await host.PassWaitAsync(2);
        Task waiting = host.Ask("c");

        await host.DisposeAsync();

        foreach (Task call in new[] { holding, underWay, alsoUnderWay, waiting })
            await call.Awaiting(task => task.WaitAsync(Guard)).Should().ThrowAsync<ObjectDisposedException>();
        await host.Ask("d").Awaiting(task => task).Should().ThrowAsync<ObjectDisposedException>();
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    private static EmulatedReply Refusal() => EmulatedReply.Raw("""{"error":{"message":"this input is invalid","type":"invalid_request_error"}}""", "application/json", 400);

    private static async Task<HarborException> ErrorOf(Task call) => (await call.Awaiting(task => task.WaitAsync(Guard)).Should().ThrowAsync<HarborException>()).Which;
}
