using HarborClient.Edge;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>Shows a call with tools as updates: those of every answer as they come (its calls when it is whole), the results of functions, and the call's information once, at the end.</summary>
internal sealed class ToolUpdateEdge(ToolLoop loop, Func<ToolRun> beginRun, CancellationToken token, CancellationToken enumeratorToken)
    : ToolEdge<ChatResponseUpdate>(loop, beginRun, token, enumeratorToken)
{
    // From the first call on, until the answer is whole: only then is it known whether its calls are run here, wait for an approval, or are the caller's.
    private readonly List<ChatResponseUpdate> _held = [];
    private ChatResponseUpdate? _last;

    private protected override IAsyncEnumerator<ChatResponseUpdate> Open(
        Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token, CancellationToken enumeratorToken) =>
        new UpdateEdge(begin, token, enumeratorToken);

    private protected override bool Shows(ChatResponseUpdate piece)
    {
        if (piece.MessageId is null)
        {
            // The information of this one answer; the last of them carries that of the whole call.
            _last = piece;
            return false;
        }

        if (piece.IsRestart()) _held.Clear();
        if (_held.Count == 0 && !HasCall(piece)) return true;
        _held.Add(piece);
        return false;
    }

    private protected override void ShowHeld(Queue<ChatResponseUpdate> ready, bool runsCalls)
    {
        foreach (ChatResponseUpdate update in _held)
        {
            if (runsCalls) ToolSet.MarkAsRun(update.Contents);
            if (Run.AwaitsApproval) ToolApprovals.Request(update.Contents = [.. update.Contents]);
            ready.Enqueue(update);
        }

        _held.Clear();
    }

    private protected override void Show(ChatMessage message, Queue<ChatResponseUpdate> ready) =>
        ready.Enqueue(new ChatResponseUpdate(message.Role, message.Contents) { MessageId = message.MessageId, ResponseId = Run.Answer?.ResponseId ?? message.MessageId });

    private protected override void ShowEnd(Queue<ChatResponseUpdate> ready)
    {
        ChatResponseUpdate end = _last ?? new ChatResponseUpdate();
        end.AdditionalProperties = CallInfo.ToProperties(Run.Info(), usage: null);
        ready.Enqueue(end);
    }

    private static bool HasCall(ChatResponseUpdate update)
    {
        foreach (AIContent content in update.Contents)
        {
            if (content is FunctionCallContent) return true;
        }

        return false;
    }
}
