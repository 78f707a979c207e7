using HarborClient.Testing;
using HarborClient.Tests.Pipeline;

namespace HarborClient.Tests.Shadows;

// For which calls a shadow is asked, and when it is skipped.
public sealed class ShadowRuleTests
{
    private readonly ShadowHosts _hosts = new();

    public static TheoryData<string, ChatOptions> Pinned => new()
    {
        { "a conversation", new ChatOptions { ConversationId = "c1" } },
        { "a raw request", new ChatOptions { RawRepresentationFactory = _ => new System.Text.Json.Nodes.JsonObject() } },
        { "a call that goes on in the background", new ChatOptions { AllowBackgroundResponses = true } },
        { "an answer that is stored", new ChatOptions { AdditionalProperties = new() { ["store"] = true } } },
        { "an answer made in the background", new ChatOptions { AdditionalProperties = new() { ["background"] = System.Text.Json.JsonElement.Parse("true") } } },
        { "a tool of the provider's", new ChatOptions { Tools = [new HostedWebSearchTool()] } },
        { "targets that may see it", new HarborChatOptions { AllowedTargets = ["main"] } },
    };

    public static TheoryData<string, ChatOptions> Common => new()
    {
        { "an answer that is not stored", new ChatOptions { AdditionalProperties = new() { ["store"] = false } } },
        { "functions", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] } },
        { "targets that may see it", new HarborChatOptions { AllowedTargets = ["main", "trial/m"] } },
    };

    [Theory]
    [MemberData(nameof(Pinned))]
    public async Task It_is_not_asked_for_what_only_the_target_may_have(string what, ChatOptions options)
    {
        await using FastClient client = _hosts.Client(PerformanceMode.Fast);

        await CallAsync(client, [new ChatMessage(ChatRole.User, "hi")], options);

        _hosts.Trial.Attempts.Should().BeEmpty(what);
        ShadowHosts.Status(client).Skipped.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Common))]
    public async Task It_is_asked_for_what_any_provider_understands(string what, ChatOptions options)
    {
        await using FastClient client = _hosts.Client(PerformanceMode.Fast);

        await CallAsync(client, [new ChatMessage(ChatRole.User, "hi")], options);

        _hosts.Trial.Attempts.Should().ContainSingle(what);
    }

    [Fact]
    public async Task It_is_not_asked_about_a_file_at_the_target()
    {
        await using FastClient client = _hosts.Client(PerformanceMode.Fast);

        await CallAsync(client, [new ChatMessage(ChatRole.User, [new TextContent("hi"), new HostedFileContent("file-1")])], null);

        _hosts.Trial.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task It_is_not_asked_for_embeddings()
    {
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, configure: h => h.UseDefaultEmbeddingModel("chat"));

        await client.GenerateAsync(["text"]);
        await ShadowHosts.Settled(client);

        _hosts.Main.Attempts.Should().ContainSingle();
        _hosts.Trial.Attempts.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task It_is_not_asked_where_no_target_was(PerformanceMode mode)
    {
        await using FastClient client = _hosts.Client(mode, configure: h => h.AddStage(StageScope.Call, (_, _) => ValueTask.FromResult<UpdateReader>(new ScriptedReader(ScriptedReader.Text("stored")))));

        string answer = await ShadowHosts.AskAsync(client, isStreaming: true);

        answer.Should().Be("stored");
        _hosts.Trial.Attempts.Should().BeEmpty();
    }

    [Theory]
    [InlineData(PerformanceMode.Fast, "Telemetry (metrics)", "Deadline", "Shadow", "Failover", "Send")]
    [InlineData(PerformanceMode.Balanced, "Telemetry", "Deadline", "Cache", "Coalesce", "Shadow", "Failover", "Retry", "Limit", "Send")]
    [InlineData(PerformanceMode.Full, "Telemetry", "Deadline", "StreamUpstream", "Cache", "Coalesce", "Shadow", "Failover", "Retry", "Limit", "Send")]
    public async Task Its_stage_is_linked_only_where_an_alias_has_one(PerformanceMode mode, params string[] stages)
    {
        await using FastClient with = _hosts.Client(mode);
        await using FastClient without = _hosts.Client(mode, map => map.Target(ShadowHosts.Target));

        with.Describe(mode).Stages.Should().Equal(stages);
        without.Describe(mode).Stages.Should().Equal(stages.Where(stage => stage != "Shadow"));
    }

    [Fact]
    public async Task Stages_around_attempts_see_it_and_their_faults_are_not_the_callers()
    {
        await using FastClient client = _hosts.Client(configure: h => h.AddStage(StageScope.Attempt, (next, call) =>
            call.Target!.Provider == "trial" ? throw new InvalidOperationException("not there") : next.OpenAsync(call)));

        string answer = await ShadowHosts.AskAsync(client, isStreaming: false);
        await ShadowHosts.Settled(client);

        answer.Should().Be("one two");
        _hosts.Trial.Attempts.Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.1, 70, 130)]
    [InlineData(1, 1000, 1000)]
    public async Task It_is_asked_for_its_share_of_a_thousand_calls(double share, int least, int most)
    {
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, map => map.Target(ShadowHosts.Target).Shadow(ShadowHosts.Shadow, share));

        for (int i = 0; i < 1000; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false);
            await ShadowHosts.Settled(client);
        }

        // Three standard deviations of 1,000 draws are 28.
        _hosts.Trial.Attempts.Count.Should().BeInRange(least, most);
        _hosts.Main.Attempts.Should().HaveCount(1000);
        VariantStatus shadow = ShadowHosts.Status(client);
        (shadow.Calls, shadow.Skipped).Should().Be((_hosts.Trial.Attempts.Count, 0));
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_calls()
    {
        async Task<List<string>> Drawn()
        {
            var hosts = new ShadowHosts();
            await using FastClient client = hosts.Client(PerformanceMode.Fast, map => map.Target(ShadowHosts.Target).Shadow(ShadowHosts.Shadow, 0.3));
            for (int i = 0; i < 50; i++)
            {
                await ShadowHosts.AskAsync(client, isStreaming: false, $"call {i}");
                await ShadowHosts.Settled(client);
            }

            return [.. hosts.Trial.Attempts.Select(attempt => attempt.BodyText)];
        }

        (await Drawn()).Should().NotBeEmpty().And.Equal(await Drawn());
    }

    [Fact]
    public async Task A_users_calls_all_have_it_or_none_has_where_the_alias_is_sticky()
    {
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, map => map.Target(ShadowHosts.Target).Shadow(ShadowHosts.Shadow, 0.3).StickyByUser());

        for (int i = 0; i < 300; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false, $"user {i % 100}.", new HarborChatOptions { User = $"user {i % 100}" });
            await ShadowHosts.Settled(client);
        }

        List<IGrouping<string, string>> users = [.. _hosts.Trial.Attempts.Select(attempt => attempt.BodyText).GroupBy(body => body)];
        users.Should().OnlyContain(user => user.Count() == 3);
        users.Count.Should().BeInRange(16, 44, "three standard deviations of 100 draws are 14");
    }

    [Fact]
    public async Task It_is_left_alone_while_its_breaker_is_open_and_finds_its_host_again()
    {
        _hosts.Trial.Otherwise(EmulatedReply.Error(500));
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, trial: local => local.CircuitBreaker.MinimumAttempts = 3);

        for (int i = 0; i < 5; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false);
            await ShadowHosts.Settled(client);
        }

        (long Errors, long Skipped) before = (ShadowHosts.Status(client).Errors, ShadowHosts.Status(client).Skipped);
        _hosts.Trial.Otherwise(EmulatedReply.Answer("back"));
        _hosts.Time.Advance(TimeSpan.FromSeconds(5));
        for (int i = 0; i < 3; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false);
            await ShadowHosts.Settled(client);
        }

        before.Should().Be((3, 2));
        VariantStatus shadow = ShadowHosts.Status(client);
        (shadow.Calls, shadow.Skipped).Should().Be((3, 2));
        client.Health.Targets.Select(target => (target.Target, target.Alias, target.State)).Should().Contain((ShadowHosts.Shadow, "chat", TargetState.Closed));
    }

    [Fact]
    public async Task Its_failures_close_its_target_to_no_caller()
    {
        for (int i = 0; i < 3; i++) _hosts.Trial.Then(500);
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, trial: local => local.CircuitBreaker.MinimumAttempts = 3);

        for (int i = 0; i < 4; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false);
            await ShadowHosts.Settled(client);
        }

        (await client.GetResponseAsync("hi", new ChatOptions { ModelId = ShadowHosts.Shadow })).Text.Should().Be("eins zwei");
        ShadowHosts.Status(client).Skipped.Should().Be(1);
    }

    [Fact]
    public async Task It_is_left_alone_while_its_target_is_closed_to_callers()
    {
        for (int i = 0; i < 3; i++) _hosts.Trial.Then(500);
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, trial: local => local.CircuitBreaker.MinimumAttempts = 3);

        for (int i = 0; i < 3; i++) await client.Invoking(harbor => harbor.GetResponseAsync("hi", new ChatOptions { ModelId = ShadowHosts.Shadow })).Should().ThrowAsync<HarborException>();
        await ShadowHosts.AskAsync(client, isStreaming: false);
        await ShadowHosts.Settled(client);

        _hosts.Trial.Attempts.Should().HaveCount(3);
        ShadowHosts.Status(client).Skipped.Should().Be(1);
    }

    [Fact]
    public async Task A_host_that_refused_it_until_nothing_was_left_of_the_limit_is_tried_again()
    {
        for (int i = 0; i < 3; i++) _hosts.Trial.Then(429);
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, trial: local => local.Limits.InitialInFlight = 2);

        for (int i = 0; i < 30; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false);
            await ShadowHosts.Settled(client);
            _hosts.Time.Advance(TimeSpan.FromSeconds(i < 10 ? 1 : 5));
        }

        ShadowHosts.Status(client).Calls.Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task It_is_left_alone_while_its_host_wants_no_requests()
    {
        _hosts.Trial.Then(429, retryAfterSeconds: 30);
        await using FastClient client = _hosts.Client(PerformanceMode.Fast);

        for (int i = 0; i < 2; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false);
            await ShadowHosts.Settled(client);
        }

        (ShadowHosts.Status(client).Errors, ShadowHosts.Status(client).Skipped).Should().Be((1, 1));
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task It_takes_no_more_than_half_of_its_limit(PerformanceMode mode)
    {
        _hosts.Trial.Otherwise(new EmulatedReply().NeverAnswer());
        await using FastClient client = _hosts.Client(mode, trial: local => local.Limits.InitialInFlight = 10);

        for (int i = 0; i < 8; i++) await ShadowHosts.AskAsync(client, isStreaming: false);
        await _hosts.Trial.AttemptReceived(5);

        client.Outstanding().Permits.Should().Be(5);
        ShadowHosts.Status(client).Skipped.Should().Be(3);
    }

    [Fact]
    public async Task It_takes_no_more_than_half_of_its_rate()
    {
        await using FastClient client = _hosts.Client(PerformanceMode.Fast, trial: local => local.Limits.RequestsPerMinute = 20);

        for (int i = 0; i < 15; i++)
        {
            await ShadowHosts.AskAsync(client, isStreaming: false);
            await ShadowHosts.Settled(client);
        }

        _hosts.Trial.Attempts.Should().HaveCount(10);
        ShadowHosts.Status(client).Skipped.Should().Be(5);
    }

    [Fact]
    public async Task It_does_not_take_the_place_of_calls_that_go_to_the_same_host()
    {
        var host = new ProviderEmulator(_hosts.Time).Otherwise(new EmulatedReply().NeverAnswer());
        await using FastClient client = FastClient.Create(h => h
            .AddLocal("main", new Uri("http://main.test:8000/v1/"), local =>
            {
                local.UseHandler(host.CreateHandler());
                local.Limits.MaximumInFlight = local.Limits.MinimumInFlight = 4;
            })
            .MapModel("chat", map => map.Target("main/m").Shadow("main/m")).UseDefaultModel("chat").UseTimeProvider(_hosts.Time));

        Task[] pending = [.. Enumerable.Range(0, 3).Select(_ => (Task)client.GetResponseAsync("hi"))];
        await host.AttemptReceived(4);

        client.Outstanding().Permits.Should().Be(4, "the first call has a shadow, and with it half of the limit is in use");
        ShadowHosts.Status(client).Skipped.Should().Be(2);
        await client.DisposeAsync();
        await Task.WhenAll(pending).Invoking(all => all).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task A_hundred_are_under_way_at_most()
    {
        _hosts.Trial.Otherwise(new EmulatedReply().NeverAnswer());
        await using FastClient client = _hosts.Client(PerformanceMode.Fast);

        for (int i = 0; i < 120; i++) await ShadowHosts.AskAsync(client, isStreaming: false);

        client.Outstanding().Calls.Should().Be(100);
        ShadowHosts.Status(client).Skipped.Should().Be(20);
    }

    private static async Task CallAsync(FastClient client, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        try
        {
            await client.GetResponseAsync(messages, options).Guarded();
        }
        catch (HarborException)
        {
            // Own hosts do not take all of it; the shadow would have been asked all the same.
        }

        await ShadowHosts.Settled(client);
    }
}
