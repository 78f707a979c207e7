using System.Text;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>The rules of <see cref="ContinueReader"/>: which answers can be continued, and with what request.</summary>
internal static class Continuation
{
    /// <summary>
    /// Members of a request that make an answer more than a text: several choices, probabilities, or a grammar, whose state is lost with the host. The last two
    /// are the request's own way to continue.
    /// </summary>
    private static readonly string[] MoreThanText =
    [
        "n", "logprobs", "top_logprobs", "prompt_logprobs", "response_format",
        "structured_outputs", "guided_json", "guided_regex", "guided_choice", "guided_grammar", "json_schema", "regex", "ebnf",
        "continue_final_message", "add_generation_prompt",
    ];

    /// <summary>Whether an answer to this call may be continued at all, and somebody can.</summary>
    internal static bool IsPossible(Call call)
    {
        if (call.Request.RawRepresentation is not null || call.Settings.OpenAIApi == OpenAIApi.Responses) return false;
        if (call.Messages.Count == 0 || call.Messages[^1].Role == ChatRole.Assistant) return false;
        if (call.Options is { } options)
        {
            if (options.ResponseFormat is not (null or ChatResponseFormatText)) return false;
            if (options.AdditionalProperties is { } further && MoreThanText.Any(further.ContainsKey)) return false;
        }

        return call.Candidates.Any(target => target.ContinuesAnswers);
    }

    /// <summary>What is there of an answer that is nothing but text; null for any other. A continued tool call, reasoning or refusal would be another one.</summary>
    internal static string? TextOf(AnswerFold given)
    {
        var text = new StringBuilder();
        for (int i = 0; i < given.RunCount; i++)
        {
            AnswerRun run = given.Run(i);
            if (run.Kind != HarborUpdateKind.Text) return null;
            text.Append(given.TextOf(run));
        }

        return text.Length == 0 ? null : text.ToString();
    }

    /// <summary>The call's request with the answer so far. What the answer has used of its maximum is taken off.</summary>
    internal static CallRequest RequestOf(Call call, string answer, long received)
    {
        ChatOptions? options = call.Options;
        if (options?.MaxOutputTokens is { } most)
        {
            options = options.Clone();
            options.MaxOutputTokens = (int)Math.Max(1, most - received);
        }

        return call.Request.Continuing(answer, options);
    }

    /// <summary>From now on only targets that continue answers are asked. False where there is none.</summary>
    internal static bool TryNarrow(Call call)
    {
        if (call.Continuation is not null) return true;
        Target[] able = [.. call.Candidates.Where(target => target.ContinuesAnswers)];
        foreach (Target target in call.Candidates)
        {
            if (!target.ContinuesAnswers && !call.HasAsked(target)) call.Decide(DecisionKind.Exclusion, target, "it does not continue answers");
        }

        if (able.Length == 0) return false;
        call.Candidates = able;
        return true;
    }
}
