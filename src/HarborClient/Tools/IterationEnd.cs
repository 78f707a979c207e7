using HarborClient.Edge;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>Keeps what one iteration of the loop came to, in the moment its call ends.</summary>
/// <param name="keepsAnswer">Whether the answer is kept too: a stream's, which nobody collects otherwise.</param>
internal sealed class IterationEnd(bool keepsAnswer) : ICallCompletion
{
    internal HarborCallInfo? Info { get; private set; }

    /// <summary>The whole answer; null when there is none.</summary>
    internal ChatResponse? Answer { get; private set; }

    public void OnCompleted(Call call, CallOutcome outcome)
    {
        Info = CallInfo.Of(call);
        if (keepsAnswer && outcome.Status == CallStatus.Succeeded) Answer = AnswerBuilder.Fill(new ChatResponse(), call, MessageIds.Next());
    }
}
