using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.OpenAI;
using HarborClient.Tests.Zhipu;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// What providers charge for beside plain tokens: sound, images, searches, tiers and regions, as each of them reports it.
public sealed class BilledExtrasTests
{
    private const string OpusTokens = "\"input_tokens\":1000000,\"output_tokens\":0";

    // A million tokens of prompt at 5 USD, sound at 40, images as input; nothing is said of the answer but that it has none.
    [Theory]
    [InlineData("{}", "5")]
    [InlineData("""{"audio_tokens":100000}""", "8.5")]
    [InlineData("""{"audio_tokens":100000,"image_tokens":200000}""", "8.5")]
    [InlineData("""{"audio_tokens":2000000}""", "40")]
    [InlineData("""{"audio_tokens":-5,"cached_tokens":-1,"image_tokens":9000000000000000000}""", "5")]
    public async Task Sound_and_images_in_a_prompt_have_their_own_prices(string details, string usd)
    {
        await using FastClient client = OpenAI(
            Chat($$"""{"prompt_tokens":1000000,"completion_tokens":0,"total_tokens":1000000,"prompt_tokens_details":{{details}} }"""),
            price => (price.InputPerMillionTokens, price.OutputPerMillionTokens, price.AudioInputPerMillionTokens) = (5, 10, 40));

        (await client.GetResponseAsync("hi")).GetHarborInfo().Cost.Should().Be(Money.FromUsd(Usd(usd)));
    }

    [Fact]
    public async Task Sound_in_an_answer_has_its_own_price()
    {
        await using FastClient client = OpenAI(
            Chat("""{"prompt_tokens":0,"completion_tokens":1000,"total_tokens":1000,"completion_tokens_details":{"audio_tokens":600,"reasoning_tokens":100}}"""),
            price => (price.InputPerMillionTokens, price.OutputPerMillionTokens, price.AudioOutputPerMillionTokens, price.ReasoningPerMillionTokens) = (1, 10, 80, 20));

        (await client.GetResponseAsync("hi")).GetHarborInfo().Cost.Should().Be(Money.FromUsd(((300 * 10m) + (600 * 80m) + (100 * 20m)) / 1_000_000));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Responses_are_charged_for_each_search_but_not_for_opening_pages(bool isStreaming)
    {
        string[] items =
        [
            """{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"x"}}""",
            """{"id":"ws_2","type":"web_search_call","status":"completed","action":{"type":"open_page","url":"https://x.test/"}}""",
            """{"id":"ws_3","type":"web_search_call","status":"completed"}""",
            """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"fine"}]}""",
        ];
        const string Usage = "\"status\":\"completed\",\"usage\":{\"input_tokens\":1000000,\"output_tokens\":0,\"total_tokens\":1000000}";
        await using FastClient client = isStreaming
            ? ResponsesClients.Streaming([.. items.Select((item, i) => ResponsesClients.Item("done", i, item)), ResponsesClients.Completed($"[{string.Join(',', items)}]", Usage)])
            : ResponsesClients.Plain($$"""{"id":"resp_1","model":"gpt-4o-mini","output":[{{string.Join(',', items)}}],{{Usage}} }""");

        ChatResponse answer = isStreaming ? await client.FoldedAsync() : await client.GetResponseAsync("hi");

        answer.GetHarborInfo().Cost.Should().Be(Money.FromUsd(0.15m + (2 * 0.01m)));
        (await client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, CostGroup.Model)).Total.Tokens.Searches.Should().Be(2);
    }

    [Theory]
    [InlineData("gemini-2.5-flash", "0.035")]
    [InlineData("gemini-3-flash-preview", "0.042")]
    public async Task Gemini_charges_for_a_grounded_prompt_or_for_each_query(string model, string usd)
    {
        await using FastClient client = Gemini(
            """{"candidates":[{"content":{"parts":[{"text":"Rain."}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["a","b","c"],"groundingChunks":[]}}],"usageMetadata":{"promptTokenCount":0,"candidatesTokenCount":0,"totalTokenCount":0}}""", model);

        (await client.GetResponseAsync("hi")).GetHarborInfo().Cost.Should().Be(Money.FromUsd(Usd(usd)));
    }

    [Theory]
    [InlineData("\"serviceTier\":\"standard\"", "2")]
    [InlineData("\"serviceTier\":\"priority\"", "3.6")]
    [InlineData("\"trafficType\":\"ON_DEMAND_PRIORITY\"", "3.6")]
    public async Task Geminis_tiers_have_their_own_prices(string tier, string usd)
    {
        await using FastClient client = Gemini(
            $$"""{"candidates":[{"content":{"parts":[{"text":"Rain."}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":100000,"candidatesTokenCount":0,"totalTokenCount":100000,{{tier}} } }""", "gemini-3.1-pro-preview");

        (await client.GetResponseAsync("hi")).GetHarborInfo().Cost.Should().Be(Money.FromUsd(Usd(usd) / 10));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Zhipu_charges_for_a_search_once_an_answer(bool isStreaming)
    {
        const string Found = """[{"title":"t","link":"https://x.test/","content":"c"},{"title":"u","link":"https://y.test/","content":"d"}]""";
        const string Usage = """{"prompt_tokens":1000000,"completion_tokens":0,"total_tokens":1000000}""";
        var provider = new ProviderEmulator();
        if (isStreaming)
        {
            provider.ThenRaw(
                $$"""data: {"id":"1","model":"glm-4.6","web_search":{{Found}},"choices":[{"index":0,"delta":{"role":"assistant","content":"fine"} }]}""" + "\n\n"
                + $$"""data: {"id":"1","model":"glm-4.6","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{{Usage}} }""" + "\n\ndata: [DONE]\n\n",
                "text/event-stream");
        }
        else
        {
            provider.ThenRaw($$"""{"id":"1","model":"glm-4.6","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{{Usage}},"web_search":{{Found}} }""", "application/json");
        }

        await using FastClient client = FastClient.Create(h => h.AddZhipu(ZhipuClients.Key, o =>
        {
            o.Endpoint = new Uri("https://api.z.ai/api/paas/v4/");
            o.SendOnceThrough(provider.CreateHandler());
        }).UseDefaultModel("zhipu/glm-4.6"));

        ChatResponse answer = isStreaming ? (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse() : await client.GetResponseAsync("hi");

        answer.GetHarborInfo().Cost.Should().Be(Money.FromUsd(0.6m + 0.01m));
    }

    [Theory]
    [InlineData("claude-opus-4-6", "", "5")]
    [InlineData("claude-opus-4-6", ",\"service_tier\":\"standard\",\"inference_geo\":\"global\",\"speed\":\"standard\"", "5")]
    [InlineData("claude-opus-4-6", ",\"inference_geo\":\"not_available\"", "5")]
    [InlineData("claude-opus-4-6", ",\"inference_geo\":\"us\"", "5.5")]
    [InlineData("claude-opus-4-6", ",\"speed\":\"fast\"", "30")]
    [InlineData("claude-opus-4-6", ",\"speed\":\"fast\",\"inference_geo\":\"us\"", "33")]
    [InlineData("claude-opus-5-5", ",\"speed\":\"fast\"", "8")]
    [InlineData("claude-haiku-4-5", ",\"inference_geo\":\"us\"", "1")]
    public async Task Claudes_regions_and_speeds_change_the_price(string model, string terms, string usd)
    {
        foreach (bool isStreaming in new[] { false, true })
        {
            await using FastClient client = Claude($"{{{OpusTokens}{terms}}}", model, isStreaming);

            ChatResponse answer = isStreaming ? (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse() : await client.GetResponseAsync("hi");

            answer.GetHarborInfo().Cost.Should().Be(Money.FromUsd(Usd(usd)));
        }
    }

    [Fact]
    public async Task What_Claude_says_of_an_answers_terms_is_shown_where_it_is_unusual()
    {
        await using FastClient unusual = Claude($"{{{OpusTokens},\"service_tier\":\"priority\",\"inference_geo\":\"us\",\"speed\":\"fast\"}}", "claude-opus-4-6", isStreaming: false);
        await using FastClient usual = Claude($"{{{OpusTokens},\"service_tier\":\"standard\",\"inference_geo\":\"global\",\"speed\":\"standard\"}}", "claude-opus-4-6", isStreaming: false);

        AdditionalPropertiesDictionary shown = (await unusual.GetResponseAsync("hi")).AdditionalProperties!;

        (shown["service_tier"], shown["inference_geo"], shown["speed"]).Should().Be(("priority", "us", "fast"));
        ((await usual.GetResponseAsync("hi")).AdditionalProperties ?? []).Keys.Should().NotContain(["service_tier", "inference_geo", "speed"]);
    }

    [Fact]
    public async Task Claudes_writes_to_its_cache_are_charged_by_how_long_they_are_kept_even_without_their_sum()
    {
        await using FastClient client = Claude(
            """{"input_tokens":0,"output_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":300000,"ephemeral_1h_input_tokens":700000}}""", "claude-haiku-4-5", isStreaming: false);

        (await client.GetResponseAsync("hi")).GetHarborInfo().Cost.Should().Be(Money.FromUsd((0.3m * 1.25m) + (0.7m * 2)));
    }

    [Fact]
    public async Task OpenAIs_regional_hosts_cost_more_where_their_models_do()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0));
        await using FastClient client = FastClient.Create(h => h.AddOpenAI("key-7Qm2xWv9", o =>
        {
            o.Endpoint = new Uri("https://eu.api.openai.com/v1/");
            o.SendOnceThrough(provider.CreateHandler());
        }).UseDefaultModel("openai/gpt-5.4-nano"));

        (await client.GetResponseAsync("one")).GetHarborInfo().Cost.Should().Be(Money.FromUsd(0.2m * 1.1m));
        (await client.GetResponseAsync("two", new ChatOptions { ModelId = "openai/gpt-4o-mini" })).GetHarborInfo().Cost.Should().Be(Money.FromUsd(0.15m));
    }

    [Fact]
    public async Task A_model_that_always_searches_is_charged_for_it_in_chat_completions_too()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0));
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System);

        (await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/gpt-4o-mini-search-preview" })).GetHarborInfo().Cost.Should().Be(Money.FromUsd(0.15m + 0.0275m));
    }

    [Fact]
    public async Task A_kept_answer_keeps_all_that_was_counted()
    {
        await using FastClient client = Claude(
            """{"input_tokens":10,"output_tokens":20,"cache_creation":{"ephemeral_1h_input_tokens":30},"server_tool_use":{"web_search_requests":2}}""", "claude-haiku-4-5", isStreaming: false);
        var options = new HarborChatOptions { Cache = CachePolicy.Always };
        UsageDetails made = (await client.GetResponseAsync("hi", options)).Usage!;

        UsageDetails saved = (await client.GetResponseAsync("hi", options)).GetHarborInfo().Saved!;

        saved.AdditionalCounts.Should().Equal(made.AdditionalCounts!.ToDictionary());
        BilledTokens.From(saved).Should().Be(BilledTokens.From(made)).And.Be(new BilledTokens(PlainInput: 10, CacheWriteOneHour: 30, PlainOutput: 20, Searches: 2));
    }

    [Fact]
    public async Task A_search_without_a_price_is_refused_under_a_hard_budget()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, configure: h => h
            .AddBudget("all", Money.FromUsd(100))
            .UsePrices(p => p.Models["openai/own"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 1, MaxInputTokens = 1_000 }));
        var search = new HostedWebSearchTool(new Dictionary<string, object?> { ["max_uses"] = 3 });

        Func<Task> call = () => client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "openai/own", Tools = [search], OpenAIApi = OpenAIApi.Responses });

        (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Budget);
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Where_a_search_without_a_price_is_let_through_a_budget_reserves_and_counts_the_rest()
    {
        var provider = new ProviderEmulator().ThenRaw("""{"id":"resp_1","model":"m","output":[],"status":"completed","usage":{"input_tokens":1000,"output_tokens":0,"total_tokens":1000}}""", "application/json");
        await using FastClient client = ResponsesClients.Of(provider, h => h.AddBudget("all", Money.FromUsd(100)).UsePrices(p =>
        {
            p.Unpriced = UnpricedPolicy.AllowAndFlag;
            p.Models["openai/own"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 1, MaxInputTokens = 1_000 };
        }));
        var search = new HostedWebSearchTool(new Dictionary<string, object?> { ["max_uses"] = 3 });

        await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/own", Tools = [search], MaxOutputTokens = 16 });

        (client.Costs.Budgets[0].Spent, client.Costs.Budgets[0].Reserved).Should().Be((Money.FromUsd(0.001m), Money.Zero), "it did not search");
    }

    [Fact]
    public async Task A_budget_reserves_for_the_dearest_region_and_for_the_speed_that_is_asked_for()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = FastClient.Create(h => h
            .AddClaude("key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())).UseDefaultModel("claude/claude-opus-4-6").AddBudget("all", Money.FromUsd(0.5m)));

        async Task<string> RefusalOf(AdditionalPropertiesDictionary? properties)
        {
            Func<Task> call = () => client.GetResponseAsync(new string('x', 200_000), new ChatOptions { MaxOutputTokens = 1, AdditionalProperties = properties });
            return (await call.Should().ThrowAsync<BudgetExceededException>()).Which.Message;
        }

        decimal Most(string message) => Usd(System.Text.RegularExpressions.Regex.Match(message, @"up to \$([0-9.]+):").Groups[1].Value);
        decimal global = Most(await RefusalOf(new() { ["inference_geo"] = "global" }));
        Most(await RefusalOf(null)).Should().BeApproximately(global * 1.1m, 0.01m);
        Most(await RefusalOf(new() { ["inference_geo"] = "global", ["speed"] = "fast" })).Should().BeApproximately(global * 6, 0.01m);
    }

    private static decimal Usd(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string Chat(string usage) =>
        $$"""{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{{usage}} }""";

    private static FastClient OpenAI(string body, Action<ModelPrice> price) => TestClients.OpenAI(
        new ProviderEmulator().ThenRaw(body, "application/json"), TimeProvider.System, configure: h => h.UsePrices(p =>
        {
            var own = new ModelPrice();
            price(own);
            p.Models[TestClients.Model] = own;
        }));

    private static FastClient Gemini(string body, string model) => FastClient.Create(h => h
        .AddGemini("key-7Qm2xWv9", o => o.SendOnceThrough(new ProviderEmulator().ThenRaw(body, "application/json").CreateHandler())).UseDefaultModel($"gemini/{model}"));

    private static FastClient Claude(string usage, string model, bool isStreaming)
    {
        var provider = new ProviderEmulator();
        if (isStreaming)
        {
            string[] events =
            [
                $$$"""{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{{{usage}}} }}""",
                """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
                """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"fine"}}""",
                """{"type":"content_block_stop","index":0}""",
                $$"""{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{{usage}} }""",
                """{"type":"message_stop"}""",
            ];
            provider.ThenRaw(string.Concat(events.Select(data => $"event: {JsonDocument.Parse(data).RootElement.GetProperty("type").GetString()}\ndata: {data}\n\n")), "text/event-stream");
        }
        else
        {
            provider.ThenRaw($$"""{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","usage":{{usage}} }""", "application/json");
        }

        return FastClient.Create(h => h.AddClaude("key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())).UseDefaultModel($"claude/{model}"));
    }
}
