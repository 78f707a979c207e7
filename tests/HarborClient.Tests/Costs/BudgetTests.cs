using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// A cap is a cap, in every mode.
public sealed class BudgetTests
{
    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_call_that_does_not_fit_is_refused_before_it_is_sent(PerformanceMode mode)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Client(provider, mode, Money.FromUsd(0.000001m));

        Func<Task> call = () => client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 1_000 });

        BudgetExceededException error = (await call.Should().ThrowAsync<BudgetExceededException>()).Which;
        error.Kind.Should().Be(ErrorKind.Budget);
        error.Limit.Should().Be(Money.FromUsd(0.000001m));
        error.Spent.Should().Be(Money.Zero);
        error.Partial.Should().BeNull();
        error.Message.Should().Contain("'team'").And.Contain("MaxOutputTokens");
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_a_call_did_not_cost_comes_back(PerformanceMode mode)
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));
        await using FastClient client = Client(provider, mode, Money.FromUsd(0.01m));

        for (int i = 0; i < 50; i++) await client.GetResponseAsync($"question {i}", new ChatOptions { MaxOutputTokens = 10_000 });

        BudgetStatus status = client.Costs.Budgets.Should().ContainSingle().Subject;
        status.Spent.Should().Be(new Money(50 * 4_500));
        status.Reserved.Should().Be(Money.Zero);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Where_a_part_fits_the_answer_is_allowed_fewer_tokens(PerformanceMode mode)
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));
        await using FastClient client = Client(provider, mode, Money.FromUsd(0.001m));

        HarborCallInfo info = (await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100_000 })).GetHarborInfo();

        info.MaxOutputTokensLowered.Should().BeTrue();
        provider.Attempts[0].BodyText.Should().MatchRegex("\"max_completion_tokens\":1[0-9]{3}[,}]");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_answer_that_its_budget_has_cut_short_is_an_error_with_what_arrived(PerformanceMode mode)
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(10, 1_500).FinishReason("length"));
        await using FastClient client = Client(provider, mode, Money.FromUsd(0.001m));

        Func<Task> call = () => client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100_000 });

        (await call.Should().ThrowAsync<BudgetExceededException>()).Which.Partial!.Text.Should().Be("hello");
        client.Costs.Budgets[0].Reserved.Should().Be(Money.Zero);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stream_that_does_not_keep_to_its_maximum_is_ended_where_the_budget_ends(PerformanceMode mode)
    {
        string[] words = [.. Enumerable.Range(0, 20_000).Select(i => $"word{i % 10} ")];
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer(words).WithoutUsage());
        await using FastClient client = Client(provider, mode, Money.FromUsd(0.001m));

        var text = new System.Text.StringBuilder();
        Func<Task> stream = async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100 })) text.Append(update.Text);
        };

        BudgetExceededException error = (await stream.Should().ThrowAsync<BudgetExceededException>()).Which;
        error.Partial!.Text.Should().StartWith(text.ToString()).And.NotBeEmpty();
        BudgetStatus status = client.Costs.Budgets[0];
        status.Spent.Usd.Should().BeInRange(0.0008m, status.Limit.Usd);
        status.Reserved.Should().Be(Money.Zero);
    }

    [Fact]
    public async Task A_budget_is_about_the_calls_that_its_labels_name()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, configure: h => h.AddBudget("team", Money.FromUsd(0.000001m), b => b.Tags["team"] = "search"));

        await client.GetResponseAsync("hi");
        await client.GetResponseAsync("hi", new HarborChatOptions { Tags = new Dictionary<string, string> { ["team"] = "ads" } });
        Func<Task> call = () => client.GetResponseAsync("hi", new HarborChatOptions { Tags = new Dictionary<string, string> { ["team"] = "search", ["more"] = "yes" } });

        await call.Should().ThrowAsync<BudgetExceededException>();
    }

    [Fact]
    public async Task Each_tenant_can_have_a_budget_of_its_own()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 1_000));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, configure: h => h.AddBudget("tenant", Money.FromUsd(0.0008m), b => b.Each = BudgetEach.Tenant));
        static HarborChatOptions Of(string tenant) => new() { Tenant = tenant, MaxOutputTokens = 1_000 };
        await client.GetResponseAsync("hi", Of("a"));

        Func<Task> again = () => client.GetResponseAsync("hi", new HarborChatOptions { Tenant = "a", MaxOutputTokens = 1_000 });

        await again.Should().ThrowAsync<BudgetExceededException>();
        await client.GetResponseAsync("hi", Of("b"));
        client.Costs.Budgets.Select(status => status.For).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task A_budget_of_a_day_is_filled_up_at_midnight_where_it_is_said_to_be()
    {
        var time = new ManualTimeProvider();
        var zone = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(8), "east", "east");
        var provider = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 1_000));
        await using FastClient client = Client(provider, PerformanceMode.Fast, Money.FromUsd(0.0008m), time, b => b.Window = BudgetWindow.CalendarDay(zone));
        await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 1_000 });
        Func<Task> call = () => client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 1_000 });
        BudgetExceededException error = (await call.Should().ThrowAsync<BudgetExceededException>()).Which;
        error.ResetsAt!.Value.ToOffset(TimeSpan.FromHours(8)).TimeOfDay.Should().Be(TimeSpan.Zero);

        time.Advance(error.ResetsAt.Value - time.GetUtcNow());

        await call.Should().NotThrowAsync();
    }

    [Fact]
    public async Task A_rolling_budget_comes_back_when_its_length_has_passed()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 1_000));
        await using FastClient client = Client(provider, PerformanceMode.Fast, Money.FromUsd(0.0008m), time, b => b.Window = BudgetWindow.Rolling(TimeSpan.FromHours(1)));
        Func<Task> call = () => client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 1_000 });
        await call.Should().NotThrowAsync();

        time.Advance(TimeSpan.FromMinutes(59));
        await call.Should().ThrowAsync<BudgetExceededException>();
        time.Advance(TimeSpan.FromMinutes(2));

        await call.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Passing_a_threshold_is_told_once()
    {
        var told = new List<double?>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(0, 1_000));
        await using FastClient client = Client(provider, PerformanceMode.Fast, Money.FromUsd(0.006m), options: b => b.IsHard = false);
        client.Costs.Alert += (_, alert) =>
        {
            lock (told)
            {
                told.Add(alert.Threshold);
                if (told.Count == 3) all.TrySetResult();
            }
        };

        for (int i = 0; i < 15; i++) await client.GetResponseAsync("hi");

        await all.Task.WaitAsync(TestClients.Guard);
        told.Should().BeEquivalentTo(new double?[] { 0.5, 0.8, 0.9 });
    }

    [Fact]
    public async Task A_budget_moves_a_call_on_to_a_cheaper_target_only()
    {
        var dear = new ProviderEmulator();
        var cheap = new ProviderEmulator().Otherwise(EmulatedReply.Answer("cheap").Usage(10, 5));
        var dearest = new ProviderEmulator();
        await using FastClient client = TestClients.Chain(
            TimeProvider.System,
            PerformanceMode.Balanced,
            h => h.AddBudget("all", Money.FromUsd(0.01m)).UsePrices(p =>
            {
                p.Models["a/one"] = new ModelPrice { InputPerMillionTokens = 100, OutputPerMillionTokens = 100 };
                p.Models["b/two"] = new ModelPrice { InputPerMillionTokens = 200, OutputPerMillionTokens = 200 };
                p.Models["c/three"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 1 };
            }),
            dear, dearest, cheap);

        ChatResponse answer = await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100 });

        answer.Text.Should().Be("cheap");
        dear.Attempts.Should().BeEmpty();
        dearest.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Near_the_end_of_a_budget_the_cheapest_target_comes_first_where_that_is_set()
    {
        var dear = new ProviderEmulator().Otherwise(EmulatedReply.Answer("dear").Usage(0, 500));
        var cheap = new ProviderEmulator().Otherwise(EmulatedReply.Answer("cheap").Usage(10, 5));
        await using FastClient client = TestClients.Chain(
            TimeProvider.System,
            PerformanceMode.Balanced,
            h => h.AddBudget("all", Money.FromUsd(0.1m), b => b.PreferCheapestFrom = 0.4).UsePrices(p =>
            {
                p.Models["a/one"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 100 };
                p.Models["b/two"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 1 };
            }),
            dear, cheap);

        (await client.GetResponseAsync("one", new ChatOptions { MaxOutputTokens = 500 })).Text.Should().Be("dear");
        (await client.GetResponseAsync("two", new ChatOptions { MaxOutputTokens = 500 })).Text.Should().Be("cheap");
    }

    [Fact]
    public async Task Unpriced_models_of_others_are_refused_under_a_hard_budget_and_ones_own_are_not()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello"));
        await using FastClient cloud = Client(provider, PerformanceMode.Fast, Money.FromUsd(1));
        await using FastClient local = TestClients.Local(provider, TimeProvider.System, configure: h => h.AddBudget("team", Money.FromUsd(1)));

        Func<Task> call = () => cloud.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-unheard-of" });

        (await call.Should().ThrowAsync<HarborException>()).Which.Message.Should().Contain("UsePrices");
        (await local.GetResponseAsync("hi")).Text.Should().Be("hello");
    }

    [Fact]
    public async Task What_has_no_bound_is_refused_under_a_hard_budget()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Client(provider, PerformanceMode.Fast, Money.FromUsd(1));

        ChatOptions[] unbounded =
        [
            new() { Tools = [new HostedWebSearchTool()] },
            new() { AdditionalProperties = new() { ["max_completion_tokens"] = 5 } },
            new() { RawRepresentationFactory = _ => new System.Text.Json.Nodes.JsonObject() },
        ];
        foreach (ChatOptions options in unbounded)
        {
            Func<Task> call = () => client.GetResponseAsync("hi", options);
            (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Budget);
        }

        provider.Attempts.Should().BeEmpty();
        client.Costs.Budgets.Sum(status => status.Reserved.NanoUsd).Should().Be(0);
    }

    // 64 callers, most answers of maximum length, a cap that has room for a few of them.
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Callers_at_the_same_time_never_spend_more_than_the_cap(PerformanceMode mode)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            long paid = 0;
            var provider = new ProviderEmulator().Respond(attempt =>
            {
                int most = attempt.BodyJson!.Value.GetProperty("max_completion_tokens").GetInt32();
                int used = random.Next(4) == 0 ? most / 2 : most;
                Interlocked.Add(ref paid, 100 * 2_500L + used * 10_000L);
                return EmulatedReply.Answer("hello").Usage(100, used).FinishReason(used == most ? "length" : "stop");
            });
            await using FastClient client = Client(provider, mode, Money.FromUsd(1));

            int refused = 0;
            await Task.WhenAll(Enumerable.Range(0, 64).Select(async caller =>
            {
                for (int i = 0; i < 5; i++)
                {
                    try
                    {
                        await client.GetResponseAsync($"question {caller} {i}", new ChatOptions { ModelId = "openai/gpt-4o", MaxOutputTokens = 10_000 });
                    }
                    catch (BudgetExceededException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
            }));

            BudgetStatus status = client.Costs.Budgets[0];
            status.Spent.NanoUsd.Should().Be(paid).And.BeLessThanOrEqualTo(status.Limit.NanoUsd);
            status.Reserved.Should().Be(Money.Zero);
            refused.Should().BeGreaterThan(250);
            client.Outstanding().Should().Be(Outstanding.None);
        }
    }

    private static FastClient Client(ProviderEmulator provider, PerformanceMode mode, Money limit, TimeProvider? time = null, Action<BudgetOptions>? options = null) =>
        TestClients.OpenAI(provider, time ?? TimeProvider.System, mode, h => h.AddBudget("team", limit, options));
}
