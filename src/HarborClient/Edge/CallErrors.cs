using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>Completes an error on its way out of a call.</summary>
internal static class CallErrors
{
    /// <summary>Adds what only the whole call knows: every attempt, and the partial answer as the caller saw it where a stage had changed it.</summary>
    internal static void Complete(Call call, Exception error)
    {
        if (error is not HarborException known) return;
        known.Attempts = call.DescribeAttempts();
        known.Decisions = call.Decisions ?? [];
        if (known.Attempts.Count > 1)
        {
            IEnumerable<string> made = known.Attempts.Select(attempt => $"{attempt.Provider}/{attempt.Model} {attempt.Error?.ToString() ?? "ok"}");
            known.Append($"{known.Attempts.Count} attempts were made: {string.Join(", ", made)}.");
        }

        if (error is StreamInterruptedException broken && call.Collects)
            broken.Partial = AnswerBuilder.Fill(new ChatResponse(), call, "", isPartial: true);
    }
}
