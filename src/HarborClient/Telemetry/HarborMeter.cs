using System.Diagnostics.Metrics;

namespace HarborClient.Telemetry;

/// <summary>The instruments of the meter <c>HarborClient</c>. Names of the <c>gen_ai</c> family follow OpenTelemetry's semantic conventions, the established ones and the newer counters.</summary>
internal static class HarborMeter
{
    internal static readonly Meter Meter = new(HarborActivity.Name);

    // Bucket boundaries as the conventions advise them.
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };

    private static readonly InstrumentAdvice<long> Tokens = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] };

    internal static readonly Histogram<double> OperationDuration =
        Meter.CreateHistogram("gen_ai.client.operation.duration", "s", "Duration of a call, all attempts included.", null, Seconds);

    internal static readonly Histogram<double> TimeToFirstChunk =
        Meter.CreateHistogram("gen_ai.client.operation.time_to_first_chunk", "s", "From the start of a streamed call to the first piece of its answer.", null, Seconds);

    internal static readonly Histogram<long> TokenUsage =
        Meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens of a call, by gen_ai.token.type.", null, Tokens);

    internal static readonly Counter<long> InputTokens = Meter.CreateCounter<long>("gen_ai.client.inference.usage.input_tokens", "{token}", "Input tokens, cached ones included.");

    internal static readonly Counter<long> OutputTokens = Meter.CreateCounter<long>("gen_ai.client.inference.usage.output_tokens", "{token}", "Output tokens, reasoning included.");

    internal static readonly Counter<long> CacheReadTokens = Meter.CreateCounter<long>("gen_ai.client.inference.usage.cache_read.input_tokens", "{token}", "Input tokens read from the provider's prompt cache.");

    internal static readonly Counter<long> CacheWriteTokens = Meter.CreateCounter<long>("gen_ai.client.inference.usage.cache_write.input_tokens", "{token}", "Input tokens written to the provider's prompt cache.");

    internal static readonly Counter<long> ReasoningTokens = Meter.CreateCounter<long>("gen_ai.client.inference.usage.reasoning.output_tokens", "{token}", "Output tokens spent on reasoning.");

    internal static readonly Counter<long> Attempts = Meter.CreateCounter<long>("harbor.client.attempts", "{attempt}", "Attempts at targets; error.type is absent for successful ones.");

    internal static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "harbor.client.refusals", "{refusal}", "Requests that a host refused, or that the limits of a target let wait no longer, by harbor.refusal.by and harbor.refusal.kind.");

    internal static readonly Counter<long> Hedges =
        Meter.CreateCounter<long>("harbor.client.hedges", "{attempt}", "Attempts beside a slow one; harbor.hedge.result: won, lost to the slow one, or failed, as nobody answered.");

    internal static readonly Counter<long> Cost =
        Meter.CreateCounter<long>("harbor.client.cost", "{nano_usd}", "What attempts cost, in billionths of a US dollar; those without a known price are not in it. harbor.cost.estimated where it is an estimate.");

    internal static readonly Counter<long> Alerts =
        Meter.CreateCounter<long>("harbor.client.alerts", "{alert}", "Alerts about money, by harbor.alert.kind; those of budgets have harbor.budget.name.");

    internal static readonly Histogram<double> AttemptDuration =
        Meter.CreateHistogram("harbor.client.attempt.duration", "s", "Duration of an attempt.", null, Seconds);
}
