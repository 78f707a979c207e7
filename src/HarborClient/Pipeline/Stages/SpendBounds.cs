using System.Globalization;
using System.Text.Json;
using HarborClient.Costs;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>What an attempt can use at most, as far as its request says so.</summary>
/// <param name="Input">Input tokens.</param>
/// <param name="Searches">Queries of the host's own web search.</param>
/// <param name="Answers">How many answers are asked for: each may be as long as the maximum.</param>
/// <param name="ServiceTier">The service tier that is asked for.</param>
/// <param name="Region">Where the host may work on it.</param>
/// <param name="Duration">How long the host may work.</param>
internal readonly record struct SpendBounds(long Input, long Searches, int Answers, string? ServiceTier, string? Region, TimeSpan Duration)
{
    /// <summary>The deadline of a call without one, where a host is paid by the second: no answer takes a day.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromDays(1);

    /// <summary>Members that set what the client must set itself, under the names of all dialects.</summary>
    private static readonly string[] Limits = ["max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "max_new_tokens", "generationConfig", "generation_config", "best_of", "candidateCount"];

    /// <summary>More are nobody's: vLLM and OpenAI take 128 answers, and searches of one request are some dozens.</summary>
    private const int MostAnswers = 128, MostSearches = 1_000_000;

    /// <summary>Reads the bounds of a request.</summary>
    /// <exception cref="HarborException">It has none (<see cref="ErrorKind.Budget"/>): what it may cost cannot be reserved.</exception>
    internal static SpendBounds Of(Call attempt, long bodyBytes, PriceRow row, bool isHard)
    {
        if (isHard) CheckBounded(attempt, row);
        long input = InputBound.Of(attempt, bodyBytes, row) ?? (isHard ? throw NoBound(attempt, "refers to what the client cannot see (a stored conversation, a file, a document, a tool of the host's), and the longest prompt of its model is not known", "Give the model a MaxInputTokens with UsePrices") : bodyBytes);
        TimeSpan left = attempt.Parent!.Remaining;
        return new SpendBounds(input, SearchesOf(attempt, row, isHard), AnswersOf(attempt, isHard), AttemptTerms.AskedTierOf(attempt), AttemptTerms.AskedRegionOf(attempt), left < LongestAnswer ? left : LongestAnswer);
    }

    private static void CheckBounded(Call attempt, PriceRow row)
    {
        if (attempt.Request.RawRepresentation is not null) throw NoBound(attempt, "has a RawRepresentationFactory, which may ask for anything", "Say it with ChatOptions");
        if (attempt.Options?.AdditionalProperties is not { } properties) return;
        foreach (string limit in Limits)
        {
            if (properties.ContainsKey(limit)) throw NoBound(attempt, $"sets '{limit}' in AdditionalProperties, past the budget", "Set ChatOptions.MaxOutputTokens instead");
        }

        foreach (string hidden in HiddenMembers.Names)
        {
            // Models that always search cost the same with every setting of it, or the dearest is reserved.
            if (hidden == "web_search_options" && row.NanoPerSearch is { Unit: SearchUnit.Always }) continue;
            if (properties.ContainsKey(hidden)) throw NoBound(attempt, $"sets '{hidden}' in AdditionalProperties, which brings in what the client cannot see", "Say it with ChatOptions (Tools, ConversationId), or leave it to calls outside hard budgets");
        }
    }

    private static long SearchesOf(Call attempt, PriceRow row, bool isHard)
    {
        if (attempt.Options?.Tools is not { Count: > 0 } tools) return 0;
        long searches = 0;
        foreach (AITool tool in tools)
        {
            if (tool is AIFunctionDeclaration) continue;
            if (tool is HostedWebSearchTool && Number(tool.AdditionalProperties, "max_uses") is >= 0 and <= MostSearches and { } uses) searches += uses;
            else if (tool is HostedWebSearchTool && row.NanoPerSearch is { Unit: not SearchUnit.Query }) searches++;
            else if (isHard) throw NoBound(attempt, $"has the tool '{tool.Name}', which its host runs and charges as often as it likes", "Give a HostedWebSearchTool AdditionalProperties[\"max_uses\"], or leave such tools to calls outside hard budgets");
        }

        return searches;
    }

    private static int AnswersOf(Call attempt, bool isHard)
    {
        if (!TryNumberOfAnswers(attempt, out long? answers)) return 1;
        if (isHard && (answers is null or > MostAnswers)) throw NoBound(attempt, "has an 'n' in AdditionalProperties that is no number of answers", $"Set an int from 1 to {MostAnswers}");
        return (int)Math.Clamp(answers ?? 1, 1, MostAnswers);
    }

    /// <summary>Whether the request says how many answers, or images, it wants; what it says is null where that is no number.</summary>
    private static bool TryNumberOfAnswers(Call attempt, out long? answers)
    {
        answers = null;
        if (attempt.Operation == CallOperation.Image && attempt.Request.Service is { Json.IsEmpty: false } asked)
        {
            using JsonDocument image = JsonDocument.Parse(asked.Json);
            if (image.RootElement.ValueKind != JsonValueKind.Object || !image.RootElement.TryGetProperty("n", out JsonElement images)) return false;
            if (images.ValueKind == JsonValueKind.Number && images.TryGetInt64(out long count)) answers = count;
            return true;
        }

        if (attempt.Options?.AdditionalProperties is not { } properties || !properties.ContainsKey("n")) return false;
        answers = Number(properties, "n");
        return true;
    }

    private static long? Number(IReadOnlyDictionary<string, object?>? properties, string name) => properties?.GetValueOrDefault(name) switch
    {
        int or long or short or byte => Convert.ToInt64(properties.GetValueOrDefault(name), CultureInfo.InvariantCulture),
        JsonElement { ValueKind: JsonValueKind.Number } element when element.TryGetInt64(out long value) => value,
        _ => null,
    };

    private static HarborException NoBound(Call attempt, string why, string what) =>
        ErrorFactory.Setting(ErrorKind.Budget, $"What the call to {attempt.Target} can cost at most cannot be reserved in its hard budget: it {why}. {what}.");
}
