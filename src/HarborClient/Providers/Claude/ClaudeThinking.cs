using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>
/// How <see cref="ChatOptions.Reasoning"/> is said to Claude. Models since 4.6 think adaptively and take an effort; those before take a budget of tokens,
/// which is a part of the maximum of output tokens.
/// </summary>
internal readonly struct ClaudeThinking
{
    /// <summary>The least that the API takes.</summary>
    private const int MinBudget = 1024;

    /// <summary>What the answer itself gets beside the budget, where the call sets no maximum. With the largest budget it makes 32,000, the most Opus 4 takes.</summary>
    private const int AnswerTokens = 8000;

    private readonly string? _type;
    private readonly int _budget;
    private readonly string? _effort;
    private readonly string? _display;

    private ClaudeThinking(string type, int budget = 0, string? effort = null, string? display = null)
    {
        _type = type;
        _budget = budget;
        _effort = effort;
        _display = display;
    }

    /// <summary>Whether the model thinks.</summary>
    internal bool IsOn => _type is "adaptive" or "enabled";

    /// <summary>The maximum of output tokens where nobody sets one.</summary>
    internal static int MaxTokens(Call attempt, ClaudeModel model) =>
        model is { Thinks: true, ThinksAdaptively: false } && BudgetOf(attempt.Options?.Reasoning?.Effort) is { } budget
            ? Math.Max(model.DefaultMaxTokens, budget + AnswerTokens)
            : model.DefaultMaxTokens;

    /// <summary>Says how, and refuses what does not go together with thinking.</summary>
    internal static ClaudeThinking Of(Call attempt, int maxTokens, in RequestMembers given)
    {
        if (attempt.Options is not { Reasoning: { Effort: { } effort } reasoning } options || given.Has("thinking")) return default;
        ClaudeModel model = ClaudeModel.Of(attempt.Target!.Model);
        if (!model.Thinks)
        {
            if (effort != ReasoningEffort.None) Log.LeftOut(attempt.Services.Logger, attempt.Target.Name, "Reasoning", "this model cannot think");
            return default;
        }

        if (effort == ReasoningEffort.None) return new ClaudeThinking("disabled");
        RefuseWhatContradicts(options);
        if (model.ThinksAdaptively) return new ClaudeThinking("adaptive", effort: EffortOf(effort, model), display: DisplayOf(reasoning.Output));
        if (reasoning.Output is not null) Log.LeftOut(attempt.Services.Logger, attempt.Target.Name, "Reasoning.Output", "this model always shows a summary");
        if (maxTokens <= MinBudget)
        {
            throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                $"Reasoning needs MaxOutputTokens over {MinBudget:N0} at {attempt.Target.Name} (was {maxTokens:N0}): thinking counts as output. Raise it, or set Reasoning.Effort to None.");
        }

        // A maximum that the caller chose is kept; a fifth of it stays for the answer.
        int budget = Math.Min(BudgetOf(effort) ?? MinBudget, Math.Max(MinBudget, (int)(maxTokens * 0.8)));
        return new ClaudeThinking("enabled", budget);
    }

    /// <summary>Writes <c>thinking</c>, and <c>output_config</c>, which holds both the effort and the form of the answer.</summary>
    internal void Write(Utf8JsonWriter json, ChatResponseFormat? format, in RequestMembers given)
    {
        if (_type is not null)
        {
            json.WriteStartObject("thinking"u8);
            json.WriteString("type"u8, _type);
            if (_budget > 0) json.WriteNumber("budget_tokens"u8, _budget);
            if (_display is not null) json.WriteString("display"u8, _display);
            json.WriteEndObject();
        }

        JsonElement? schema = (format as ChatResponseFormatJson)?.Schema;
        if ((_effort is null && schema is null) || given.Has("output_config")) return;
        json.WriteStartObject("output_config"u8);
        if (_effort is not null) json.WriteString("effort"u8, _effort);
        if (schema is { } wanted)
        {
            json.WriteStartObject("format"u8);
            json.WriteString("type"u8, "json_schema"u8);
            json.WritePropertyName("schema"u8);
            ClaudeSchema.Write(json, wanted);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void RefuseWhatContradicts(ChatOptions options)
    {
        if (options.Temperature is { } temperature && temperature != 1)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Temperature must be 1 or unset where Claude thinks (was {temperature}). Unset it, or set Reasoning.Effort to None.");
        if (options.TopK is not null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "TopK must be unset where Claude thinks. Unset it, or set Reasoning.Effort to None.");
        if (options.ToolMode is RequiredChatToolMode)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "ToolMode must be Auto or None where Claude thinks: a tool cannot be forced. Change it, or set Reasoning.Effort to None.");
    }

    /// <summary>Budgets that people use for these words: from a short note to what fills half an hour.</summary>
    private static int? BudgetOf(ReasoningEffort? effort) => effort switch
    {
        ReasoningEffort.Low => 2048,
        ReasoningEffort.Medium => 8192,
        ReasoningEffort.High => 16_000,
        ReasoningEffort.ExtraHigh => 24_000,
        _ => null,
    };

    private static string EffortOf(ReasoningEffort effort, ClaudeModel model) => effort switch
    {
        ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        ReasoningEffort.ExtraHigh => model.HighestEffort,
        _ => "high",
    };

    private static string? DisplayOf(ReasoningOutput? output) => output switch
    {
        ReasoningOutput.None => "omitted",
        ReasoningOutput.Summary or ReasoningOutput.Full => "summarized",
        _ => null,
    };
}
