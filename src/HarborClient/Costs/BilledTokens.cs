using System.Diagnostics.CodeAnalysis;
using HarborClient.Costs;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>
/// What one attempt used, divided into parts that are priced apart. No part is negative, and the parts add up to the provider's own totals, whichever way it
/// counts: OpenAI, Gemini and Zhipu report cached tokens inside the input, Claude beside it. A host that reports more cached tokens than input counts them beside it.
/// </summary>
/// <param name="PlainInput">Input tokens that nothing below names.</param>
/// <param name="CachedInput">Input tokens read from the provider's prompt cache.</param>
/// <param name="CacheWrite">Input tokens written to that cache, to be kept for five minutes or for a time that the provider does not name.</param>
/// <param name="CacheWriteOneHour">Input tokens written to it for an hour.</param>
/// <param name="AudioInput">Input tokens of sound.</param>
/// <param name="ImageInput">Input tokens of images, where the provider tells them apart.</param>
/// <param name="PlainOutput">Output tokens that nothing below names.</param>
/// <param name="Reasoning">Output tokens of reasoning.</param>
/// <param name="AudioOutput">Output tokens of sound.</param>
/// <param name="Searches">Queries of the provider's own web search.</param>
public readonly record struct BilledTokens(
    long PlainInput = 0,
    long CachedInput = 0,
    long CacheWrite = 0,
    long CacheWriteOneHour = 0,
    long AudioInput = 0,
    long ImageInput = 0,
    long PlainOutput = 0,
    long Reasoning = 0,
    long AudioOutput = 0,
    long Searches = 0)
{
    /// <summary>
    /// The most tokens of one kind that one attempt is believed to have used; a host that reports more is not believed. No context window is a tenth of it, and
    /// so many tokens at any known price stay far inside what <see cref="Money"/> can hold.
    /// </summary>
    internal const long MostBelieved = 100_000_000;

    /// <summary>All input tokens.</summary>
    public long Input => PlainInput + CachedInput + CacheWrite + CacheWriteOneHour + AudioInput + ImageInput;

    /// <summary>All output tokens.</summary>
    public long Output => PlainOutput + Reasoning + AudioOutput;

    /// <summary>Adds what two attempts used.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum of every part.</returns>
    [SuppressMessage("Usage", "CA2225", Justification = "The static method Add is not needed beside it: the type is made for sums.")]
    public static BilledTokens operator +(BilledTokens left, BilledTokens right) => new(
        left.PlainInput + right.PlainInput,
        left.CachedInput + right.CachedInput,
        left.CacheWrite + right.CacheWrite,
        left.CacheWriteOneHour + right.CacheWriteOneHour,
        left.AudioInput + right.AudioInput,
        left.ImageInput + right.ImageInput,
        left.PlainOutput + right.PlainOutput,
        left.Reasoning + right.Reasoning,
        left.AudioOutput + right.AudioOutput,
        left.Searches + right.Searches);

    /// <summary>Divides what a provider reported.</summary>
    /// <param name="usage">With <see cref="UsageDetails.InputTokenCount"/> including all that was read from or written to a cache, as HarborClient reports it for every provider.</param>
    /// <returns>The parts. What was not reported is 0; a part that is larger than the whole counts as the whole, a negative one as nothing.</returns>
    public static BilledTokens From(UsageDetails usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        long input = Believed(usage.InputTokenCount);
        long output = Believed(usage.OutputTokenCount);

        // A host that reports one side and the sum has reported both.
        if (usage is { InputTokenCount: null, TotalTokenCount: { } all }) input = Math.Max(0, Believed(all) - output);
        else if (usage is { OutputTokenCount: null, TotalTokenCount: { } sum }) output = Math.Max(0, Believed(sum) - input);

        // Hosts that pass Claude's counts on in OpenAI's dialect leave the cached tokens beside the prompt's; it shows where they are more than the whole.
        if (Believed(usage.CachedInputTokenCount) is var read && read > input) input += read;

        long rest = input, restOut = output, oneHour = 0, written = 0, images = 0, searches = 0;
        long cached = Take(usage.CachedInputTokenCount, ref rest);
        if (usage.AdditionalCounts is { } counts)
        {
            written = Take(CountOf(counts, UsageCounts.CacheWrite), ref rest);
            oneHour = Math.Min(Believed(CountOf(counts, UsageCounts.CacheWriteOneHour)), written);
            images = Take(CountOf(counts, UsageCounts.ImageInput), ref rest);
            searches = Believed(CountOf(counts, UsageCounts.WebSearches));
        }

#pragma warning disable MEAI001 // Counts of sound are experimental in Microsoft.Extensions.AI; prices differ by ten.
        long audio = Take(usage.InputAudioTokenCount, ref rest);
        long reasoning = Take(usage.ReasoningTokenCount, ref restOut);
        long spoken = Take(usage.OutputAudioTokenCount, ref restOut);
#pragma warning restore MEAI001
        return new BilledTokens(rest, cached, written - oneHour, oneHour, audio, images, restOut, reasoning, spoken, searches);
    }

    private static long Believed(long? tokens) => Math.Clamp(tokens ?? 0, 0, MostBelieved);

    private static long Take(long? part, ref long rest)
    {
        long taken = Math.Clamp(part ?? 0, 0, rest);
        rest -= taken;
        return taken;
    }

    private static long? CountOf(AdditionalPropertiesDictionary<long> counts, string name) => counts.TryGetValue(name, out long count) ? count : null;
}
