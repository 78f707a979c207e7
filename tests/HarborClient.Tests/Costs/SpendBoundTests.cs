using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// What a request can cost at most is never reckoned lower than what it asks for, however it is asked.
public sealed class SpendBoundTests
{
    private readonly ProviderEmulator _provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));

    [Theory]
    [InlineData("assistant")]
    [InlineData("system")]
    public async Task An_image_that_is_not_sent_lowers_no_bound(string role)
    {
        // gpt-4o-mini: 100,000 bytes of prompt can cost 15,000,000 nano-USD.
        await using FastClient client = Client(Money.FromUsd(0.01m));
        ChatMessage[] messages =
        [
            new(new ChatRole(role), [new TextContent("see"), new DataContent(new byte[600_000], "image/png")]),
            new(ChatRole.User, new string('x', 100_000)),
        ];

        Func<Task> call = () => client.GetResponseAsync(messages, new ChatOptions { MaxOutputTokens = 16 });

        await call.Should().ThrowAsync<HarborException>();
        _provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task An_image_of_a_user_counts_as_an_image_and_not_as_its_bytes()
    {
        await using FastClient client = Client(Money.FromUsd(0.01m));

        await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("see"), new DataContent(new byte[600_000], "image/png")])], new ChatOptions { MaxOutputTokens = 16 });

        _provider.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Images_that_functions_return_count_as_images()
    {
        // A hundred large images of one colour have few bytes, and 160,000 tokens.
        await using FastClient client = FastClient.Create(h => h
            .AddClaude("sk-ant-test-key-7Qm2xWv9", o => o.SendOnceThrough(_provider.CreateHandler()))
            .UseMode(PerformanceMode.Fast).UseDefaultModel("claude/claude-haiku-4-5").AddBudget("team", Money.FromUsd(0.1m)));
        AIContent[] images = [.. Enumerable.Range(0, 100).Select(_ => new DataContent(new byte[60], "image/png"))];
        ChatMessage[] messages =
        [
            new(ChatRole.User, "look"),
            new(ChatRole.Assistant, [new FunctionCallContent("call", "look")]),
            new(ChatRole.Tool, [new FunctionResultContent("call", images)]),
        ];

        Func<Task> call = () => client.GetResponseAsync(messages, new ChatOptions { MaxOutputTokens = 16 });

        await call.Should().ThrowAsync<BudgetExceededException>();
        _provider.Attempts.Should().BeEmpty();
    }

    public static TheoryData<string> Counts => ["text", "double", "uint", "json", "node"];

    [Theory]
    [MemberData(nameof(Counts))]
    public async Task Several_answers_are_reserved_for_whatever_type_says_so(string type)
    {
        object several = type switch
        {
            "text" => "100",
            "double" => 100.0,
            "uint" => 100u,
            "json" => JsonDocument.Parse("1e2").RootElement,
            _ => JsonValue.Create(100)!,
        };
        await using FastClient client = Client(Money.FromUsd(0.01m));

        // One answer costs up to 600,000 nano-USD; a hundred cost six times the limit.
        Func<Task> call = () => client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 1_000, AdditionalProperties = new() { ["n"] = several } });
        try
        {
            await call();
        }
        catch (HarborException)
        {
            return;
        }

        JsonElement body = _provider.Attempts.Single().BodyJson!.Value;
        body.GetProperty("max_completion_tokens").GetInt32().Should().BeLessThan(200, "a hundred answers share what one would have had");
    }

    [Theory]
    [InlineData(-50_000)]
    [InlineData(long.MaxValue - 49_999)]
    public async Task A_senseless_number_of_searches_buys_no_room(long uses)
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(10, 5));
        await using FastClient client = FastClient.Create(h => h
            .AddClaude("sk-ant-test-key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler()))
            .UseMode(PerformanceMode.Fast).UseDefaultModel("claude/claude-haiku-4-5").AddBudget("team", Money.FromUsd(0.5m)));
        ChatOptions options = new()
        {
            MaxOutputTokens = 16,
            Tools =
            [
                new HostedWebSearchTool(new Dictionary<string, object?> { ["max_uses"] = 100_000 }),
                new HostedWebSearchTool(new Dictionary<string, object?> { ["max_uses"] = uses }),
                new HostedWebSearchTool(new Dictionary<string, object?> { ["max_uses"] = uses }),
            ],
        };

        Func<Task> call = () => client.GetResponseAsync("hi", options);

        (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Budget);
        provider.Attempts.Should().BeEmpty();
    }

    public static TheoryData<string> Members => ["previous_response_id", "conversation", "prompt", "tools", "web_search_options", "mcp_servers", "container", "cachedContent", "plugins"];

    [Theory]
    [MemberData(nameof(Members))]
    public async Task What_is_read_or_run_beside_the_request_is_refused_where_it_is_asked_for_past_the_options(string member)
    {
        await using FastClient client = Client(Money.FromUsd(1));

        Func<Task> call = () => client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 16, AdditionalProperties = new() { [member] = "x" } });

        (await call.Should().ThrowAsync<HarborException>()).Which.Should().BeEquivalentTo(new { Kind = ErrorKind.Budget });
        _provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Images_are_reserved_for_by_their_number()
    {
        await using FastClient client = FastClient.Create(h => h
            .AddZhipu("id.test-key-7Qm2xWv9", o => o.SendOnceThrough(_provider.CreateHandler()))
            .UsePrices(p => p.Models["zhipu/cogview-4"] = new ModelPrice { PerImage = 0.01m })
            .UseMode(PerformanceMode.Fast).AddBudget("team", Money.FromUsd(0.05m)));

        Func<Task> call = () => client.GenerateImageAsync("zhipu/cogview-4", new ImageRequest("a boat") { AdditionalProperties = new JsonObject { ["n"] = 10 } });

        await call.Should().ThrowAsync<BudgetExceededException>();
        _provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task What_an_attempt_asks_for_after_another_has_overtaken_it_is_not_kept_for_it()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer([string.Concat(Enumerable.Repeat("word ", 2_000)), "end"]));
        await using FastClient client = TestClients.OpenAI(
            provider, TimeProvider.System, PerformanceMode.Fast, h => h.AddBudget("team", Money.FromUsd(1)).AddStage(StageScope.Attempt, next => new Overtaking(next)));

        await client.StreamTextAsync("hi", new ChatOptions { MaxOutputTokens = 16 }).ToListAsync().Guarded();

        client.Costs.Budgets.Single().Reserved.Should().Be(Money.Zero);
    }

    // The other one wins at the moment at which this one's first text arrives.
    private sealed class Overtaking(PipelineStage next) : PipelineStage(next), IUpdateObserver
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call)
        {
            call.Observe(this);
            return Next.OpenAsync(call);
        }

        public Exception? OnUpdate(Call call, in HarborUpdate update)
        {
            if (update.Kind == HarborUpdateKind.Text && !call.HasEnded) call.Overtake();
            return null;
        }

        public void OnRestart()
        {
        }
    }

    private FastClient Client(Money limit) => TestClients.OpenAI(_provider, TimeProvider.System, PerformanceMode.Fast, h => h.AddBudget("team", limit));
}
