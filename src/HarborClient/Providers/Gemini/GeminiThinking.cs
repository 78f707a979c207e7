using System.Text.Json;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Writes <c>thinkingConfig</c>: a budget for models of 2.5, a level for later ones, nothing for those that do not think.</summary>
internal static class GeminiThinking
{
    // The budgets that Google's own OpenAI layer gives the same words; the largest is what a pro model takes at most, and a flash model takes HighBudget.
    private const int LowBudget = 1_024;
    private const int MediumBudget = 8_192;
    private const int HighBudget = 24_576;
    private const int LargestBudget = 32_768;

    /// <summary>A pro model of 2.5 cannot stop thinking; this is the least it takes.</summary>
    private const int LeastProBudget = 128;

    internal static void Write(Utf8JsonWriter json, Call attempt, ReasoningOptions reasoning)
    {
        string model = attempt.Target!.Model;
        GeminiModel.ThinkingStyle style = GeminiModel.StyleOf(model);
        if (style == GeminiModel.ThinkingStyle.None)
        {
            if (reasoning.Effort is not (null or ReasoningEffort.None)) Log.LeftOut(attempt.Services.Logger, attempt.Target.Name, "Reasoning", "this model does not think");
            return;
        }

        if (reasoning is { Effort: null, Output: null }) return;
        json.WriteStartObject("thinkingConfig"u8);
        if (reasoning.Output is { } output) json.WriteBoolean("includeThoughts"u8, output != ReasoningOutput.None);
        if (reasoning.Effort is { } effort)
        {
            if (style == GeminiModel.ThinkingStyle.Budget) json.WriteNumber("thinkingBudget"u8, BudgetOf(effort, GeminiModel.IsPro(model)));
            else json.WriteString("thinkingLevel"u8, LevelOf(effort, GeminiModel.IsPro(model)));
        }

        json.WriteEndObject();
    }

    private static int BudgetOf(ReasoningEffort effort, bool isPro) => effort switch
    {
        ReasoningEffort.None => isPro ? LeastProBudget : 0,
        ReasoningEffort.Low => LowBudget,
        ReasoningEffort.Medium => MediumBudget,
        ReasoningEffort.ExtraHigh when isPro => LargestBudget,
        _ => HighBudget,
    };

    /// <summary>Nothing stops a model of this kind from thinking; the least is "minimal", which pro models do not have.</summary>
    private static string LevelOf(ReasoningEffort effort, bool isPro) => effort switch
    {
        ReasoningEffort.None when !isPro => "minimal",
        ReasoningEffort.None or ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        _ => "high",
    };
}
