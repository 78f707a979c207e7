using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// Ten calls that other gateways charged wrongly, as their users reported them: the counts that the provider sent, and what it cost. Where a report has no counts, the test
// has some of its shape.
public sealed class WrongCostReportTests
{
    private static readonly ModelPrice Haiku35 = Price(0.8m, 4, 0.08m, 1);
    private static readonly ModelPrice Sonnet3 = Price(3, 15, 0.3m, 3.75m);

    // BerriAI/litellm#11789: of a stream, what was read from the cache was charged as plain input: $0.002059.
    [Fact]
    public Task Cached_input_of_a_stream_is_not_plain_input() => CostsAsync(
        "claude", Haiku35, 0.0002916m, Claude("""{"input_tokens":4,"cache_creation_input_tokens":0,"cache_read_input_tokens":2455,"output_tokens":1}""", """{"output_tokens":23}"""));

    // #9812: what was written to the cache was charged twice: $0.0913.
    [Fact]
    public Task What_is_written_to_a_cache_is_charged_once() => CostsAsync(
        "claude", Sonnet3, 0.054399m, Claude("""{"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"output_tokens":550}"""));

    // #14849: Gemini's cache hits were charged twice: $0.7642.
    [Fact]
    public Task Geminis_cached_tokens_are_inside_its_prompt() => CostsAsync(
        "gemini", Price(1.25m, 10, 0.625m), 0.184918125m,
        ("""{"candidates":[{"content":{"role":"model","parts":[{"text":"fine"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":262960,"cachedContentTokenCount":257955,"candidatesTokenCount":1744,"totalTokenCount":264704}}""", false));

    // #40006, and pull request 40016: the same with prices of one's own.
    [Fact]
    public Task Prices_of_ones_own_charge_each_part_once() => CostsAsync(
        "claude", Sonnet3, 0.01035m, Claude("""{"input_tokens":200,"cache_creation_input_tokens":1000,"cache_read_input_tokens":5000,"output_tokens":300}"""));

    // #11364: an agent's call to Claude Opus 4.5, reported at $0.047080: what was written to the cache was left out.
    [Fact]
    public Task What_is_written_to_a_cache_is_not_left_out() => CostsAsync(
        "claude", null, 0.36394875m, Claude("""{"input_tokens":10,"cache_creation_input_tokens":32435,"cache_read_input_tokens":66360,"output_tokens":5120}"""), "claude-opus-4-5");

    // #5443: only what the cache had no part in was charged.
    [Fact]
    public Task Reads_and_writes_of_a_cache_are_charged_at_their_prices() => CostsAsync(
        "claude", Sonnet3, 0.01143m, Claude("""{"input_tokens":10,"cache_creation_input_tokens":2000,"cache_read_input_tokens":8000,"output_tokens":100}"""));

    // Pull request 26919: cached tokens at a price of one's own.
    [Fact]
    public Task OpenAIs_cached_tokens_are_inside_its_prompt() => CostsAsync(
        "openai", Price(2.5m, 10, 1.25m), 0.02m,
        ("""{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10000,"completion_tokens":500,"total_tokens":10500,"prompt_tokens_details":{"cached_tokens":8000}}}""", false));

    // QuantumNous/new-api#5003: a host that passes Claude's counts on beside the prompt's; charged -16,638 tokens, and paid its user $0.008907.
    [Fact]
    public Task More_cached_tokens_than_prompt_are_beside_it_and_nothing_is_negative() => CostsAsync(
        "openai", Price(1, 5, 0.1m), 0.064053m, Stream("""{"prompt_tokens":56322,"completion_tokens":87,"total_tokens":56409,"prompt_tokens_details":{"cached_tokens":72960}}"""));

    // new-api#6144: of a stream of xAI's, the cached tokens were lost; up to 2.6 times the price.
    [Fact]
    public Task Cached_tokens_of_a_stream_are_not_lost() => CostsAsync(
        "openai", Price(2, 6, 0.3m), 0.0009696m,
        Stream("""{"prompt_tokens":1816,"completion_tokens":64,"total_tokens":1880,"prompt_tokens_details":{"cached_tokens":1792,"text_tokens":0,"audio_tokens":0,"image_tokens":0}}"""));

    // new-api#6459, the same shape; at the catalogue's price.
    [Fact]
    public Task Cached_tokens_of_a_stream_have_the_catalogues_price() => CostsAsync(
        "openai", null, 0.019613m, Stream("""{"prompt_tokens":27985,"completion_tokens":60,"total_tokens":28045,"prompt_tokens_details":{"cached_tokens":27136}}"""), "gpt-5.6-sol");

    [Fact]
    public async Task A_call_costs_what_its_model_cost_when_it_was_made()
    {
        var time = new ManualTimeProvider();
        time.Advance(new DateTimeOffset(2026, 12, 31, 23, 59, 59, TimeSpan.Zero) - time.GetUtcNow());
        var provider = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0));
        await using FastClient client = FastClient.Create(h => h.AddGemini("key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())).UseTimeProvider(time).UseDefaultModel("gemini/gemini-3.8-flash"));

        Money? before = (await client.GetResponseAsync("one")).GetHarborInfo().Cost;
        time.Advance(TimeSpan.FromSeconds(1));
        Money? after = (await client.GetResponseAsync("two")).GetHarborInfo().Cost;

        before.Should().Be(Money.FromUsd(0.75m));
        after.Should().Be(Money.FromUsd(1.5m));
        CostReport report = await client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, CostGroup.Day);
        report.Select(row => (row.Key, row.Cost)).Should().Equal(("2026-12-31", before!.Value), ("2027-01-01", after!.Value));
    }

    private static async Task CostsAsync(string dialect, ModelPrice? price, decimal usd, (string Body, bool IsStream) reply, string model = "m")
    {
        var provider = new ProviderEmulator().ThenRaw(reply.Body, reply.IsStream ? "text/event-stream" : "application/json");
        await using FastClient client = FastClient.Create(h =>
        {
            _ = dialect switch
            {
                "claude" => h.AddClaude("key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())),
                "gemini" => h.AddGemini("key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())),
                _ => h.AddOpenAI("key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())),
            };
            if (price is not null) h.UsePrices(p => p.Models[$"{dialect}/{model}"] = price);
            h.UseDefaultModel($"{dialect}/{model}");
        });

        ChatResponse answer = reply.IsStream ? (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse() : await client.GetResponseAsync("hi");

        answer.GetHarborInfo().Cost.Should().Be(Money.FromUsd(usd));
        answer.GetHarborInfo().IsCostEstimated.Should().BeFalse();
    }

    private static (string Body, bool IsStream) Claude(string usage, string? last = null) => last is null
        ? ($$"""{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{usage}}}""", false)
        : (
            $$$"""
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{{{usage}}}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"fine"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{{{last}}}}

            event: message_stop
            data: {"type":"message_stop"}


            """, true);

    private static (string Body, bool IsStream) Stream(string usage) => (
        $$$"""
        data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"fine"}}]}

        data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{{{usage}}}}

        data: [DONE]


        """, true);

    private static ModelPrice Price(decimal input, decimal output, decimal cached, decimal? written = null) => new()
    {
        InputPerMillionTokens = input,
        OutputPerMillionTokens = output,
        CachedInputPerMillionTokens = cached,
        CacheWritePerMillionTokens = written,
    };
}
