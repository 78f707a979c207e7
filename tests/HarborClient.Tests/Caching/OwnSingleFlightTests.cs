using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Who asks for a value while it is made waits for it, leaves alone, and hears what became of it.
public sealed class OwnSingleFlightTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly OwnFunction _function = new();

    private Task<string> AskAsync(FastClient client, CancellationToken token = default) => client.Cache.GetOrCreateAsync("key", _function.RunAsync, OwnJson.Default.String, cancellationToken: token).AsTask();

    [Fact]
    public async Task A_thousand_who_ask_at_the_same_time_cause_one_run()
    {
        await using FastClient client = OwnClients.Create(_time);
        int runs = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async ValueTask<string> FunctionAsync(CancellationToken token)
        {
            Interlocked.Increment(ref runs);
            await all.Task;
            return "one";
        }

        Task<string>[] callers = [.. Enumerable.Range(0, 1_000).Select(_ => Task.Run(() => client.Cache.GetOrCreateAsync("key", FunctionAsync, OwnJson.Default.String).AsTask()))];
        await LevelFixture.UntilAsync(() => client.Cache.Statistics.Coalesced == 999);
        all.SetResult();

        (await Task.WhenAll(callers).Guarded()).Should().AllBe("one");
        runs.Should().Be(1);
        client.Cache.Statistics.Should().BeEquivalentTo(new { Misses = 1_000, Coalesced = 999, Stored = 1, MemoryHits = 0 });
    }

    [Fact]
    public async Task One_who_cancels_leaves_alone_even_the_first()
    {
        await using FastClient client = OwnClients.Create(_time);
        using var first = new CancellationTokenSource();
        Task<string> leaving = AskAsync(client, first.Token);
        Task<string> staying = AskAsync(client);
        await _function.Started;

        await first.CancelAsync();

        (await FluentActions.Awaiting(() => leaving).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(first.Token);
        _function.Token.IsCancellationRequested.Should().BeFalse();
        _function.End("fine");
        (await staying.Guarded()).Should().Be("fine");
    }

    [Fact]
    public async Task The_last_one_out_cancels_and_who_comes_then_begins_anew()
    {
        await using FastClient client = OwnClients.Create(_time);
        using var source = new CancellationTokenSource();
        Task<string>[] leaving = [AskAsync(client, source.Token), AskAsync(client, source.Token)];
        await _function.Started;

        await source.CancelAsync();
        foreach (Task<string> one in leaving) await FluentActions.Awaiting(() => one).Should().ThrowAsync<OperationCanceledException>();
        string later = await client.Cache.GetOrCreateAsync("key", OwnFunction.Counting(), OwnJson.Default.String);

        _function.Token.IsCancellationRequested.Should().BeTrue();
        later.Should().Be("value 1");
        client.Cache.Statistics.Stored.Should().Be(1);
    }

    [Fact]
    public async Task A_caller_who_has_cancelled_before_runs_nothing()
    {
        await using FastClient client = OwnClients.Create(_time);

        await FluentActions.Awaiting(() => AskAsync(client, new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();

        _function.Runs.Should().Be(0);
    }

    [Fact]
    public async Task A_failure_goes_to_those_who_wait_and_a_late_joiner_starts_anew()
    {
        await using FastClient client = OwnClients.Create(_time);
        Task<string>[] waiting = [AskAsync(client), AskAsync(client), AskAsync(client)];
        await _function.Started;

        _function.Fail(new IOException("down"));
        foreach (Task<string> one in waiting) (await FluentActions.Awaiting(() => one.Guarded()).Should().ThrowAsync<IOException>()).Which.Message.Should().Be("down");
        string later = await client.Cache.GetOrCreateAsync("key", OwnFunction.Counting(), OwnJson.Default.String);

        later.Should().Be("value 1");
        _function.Runs.Should().Be(1);
    }

    [Fact]
    public async Task What_fails_after_all_have_gone_is_nobodys_error()
    {
        await using FastClient client = OwnClients.Create(_time);
        int unobserved = 0;
        EventHandler<UnobservedTaskExceptionEventArgs> count = (_, e) => unobserved += e.Exception.InnerException is NotSupportedException { Message: "late" } ? 1 : 0;
        TaskScheduler.UnobservedTaskException += count;
        using var source = new CancellationTokenSource();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async ValueTask<string> DeafAsync(CancellationToken token)
        {
            started.SetResult();
            await release.Task;
            throw new NotSupportedException("late");
        }

        Task<string> leaving = client.Cache.GetOrCreateAsync("key", DeafAsync, OwnJson.Default.String, cancellationToken: source.Token).AsTask();
        await started.Task.Guarded();
        await source.CancelAsync();
        await FluentActions.Awaiting(() => leaving).Should().ThrowAsync<OperationCanceledException>();
        release.SetResult();
        await client.DisposeAsync();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= count;

        unobserved.Should().Be(0);
    }

    [Fact]
    public async Task Nothing_of_the_first_callers_context_goes_with_the_function()
    {
        await using FastClient client = OwnClients.Create(_time);
        var local = new AsyncLocal<string?> { Value = "the caller's" };

        string seen = await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>(local.Value ?? "nothing"), OwnJson.Default.String);

        seen.Should().Be("nothing");
        local.Value.Should().Be("the caller's");
    }

    [Fact]
    public async Task Disposing_the_client_releases_who_waits_for_a_function_that_heeds_nothing()
    {
        FastClient client = OwnClients.Create(_time);
        var end = new TaskCompletionSource<string>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string> waiting = client.Cache.GetOrCreateAsync(
            "key",
            async _ =>
            {
                started.SetResult();
                return await end.Task;
            },
            OwnJson.Default.String).AsTask();
        await started.Task.Guarded();

        Task disposal = client.DisposeAsync().AsTask();

        await FluentActions.Awaiting(() => waiting.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        disposal.IsCompleted.Should().BeFalse("the function still runs");
        await _time.TimerSet(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await disposal.Guarded();
        end.SetResult("late");
        client.Cache.Invoking(c => c.GetOrCreateAsync("key", OwnFunction.Counting(), OwnJson.Default.String)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task Callers_of_two_types_do_not_wait_for_each_other()
    {
        await using FastClient client = OwnClients.Create(_time);
        Task<string> text = AskAsync(client);
        await _function.Started;

        Weight weight = await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<Weight>(new Weight(7)), OwnJson.Default.Weight).AsTask().Guarded();
        _function.End("text");

        weight.Grams.Should().Be(7);
        (await text.Guarded()).Should().Be("text");
    }

    [Fact]
    public async Task Callers_that_come_and_go_at_random_leave_nothing_behind()
    {
        await using FastClient client = OwnClients.Create(_time);
        int running = 0, wrong = 0;
        async ValueTask<string> FunctionAsync(CancellationToken token)
        {
            if (Interlocked.Increment(ref running) > 4) Interlocked.Increment(ref wrong);
            try
            {
                for (int i = 0; i < 20; i++)
                {
                    await Task.Yield();
                    token.ThrowIfCancellationRequested();
                }

                return "fine";
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }

        await Parallel.ForAsync(0, 4_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using var source = new CancellationTokenSource();
            Task<string> value = client.Cache.GetOrCreateAsync($"key {i % 4}", FunctionAsync, OwnJson.Default.String, cancellationToken: source.Token).AsTask();
            if (i % 2 == 0) await Task.Yield();
            if (i % 3 == 0) await source.CancelAsync();
            if (i % 7 == 0) await client.Cache.InvalidateAsync($"key {i % 4}", CancellationToken.None);
            try
            {
                (await value.Guarded()).Should().Be("fine");
            }
            catch (OperationCanceledException) when (i % 3 == 0)
            {
                // It was asked to.
            }
        });

        await LevelFixture.UntilAsync(() => Volatile.Read(ref running) == 0);
    }
}
