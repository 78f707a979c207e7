using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

// Hot path: one ChatResponseUpdate with one content in an array of one per piece of text.

/// <summary>Shows a call as <see cref="ChatResponseUpdate"/>s: text, reasoning, other content and tool calls that are known to be complete as they come; other tool calls, refusal, usage and finish reason once, at the end.</summary>
internal sealed class UpdateEdge(Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token, CancellationToken enumeratorToken)
    : StreamEdge<ChatResponseUpdate>(begin, token, enumeratorToken)
{
    private readonly Queue<ChatResponseUpdate> _tail = new(3);
    // A mark and not a cleared queue: whoever disposes may be another thread than the one that reads.
    private bool _isTailDropped;
    private string _messageId = MessageIds.Next();
    private string? _responseId;

    private protected override bool Show(in HarborUpdate update)
    {
        switch (update.Kind)
        {
            case HarborUpdateKind.Text when update.Utf8.Length > 0 || update.Value is not IList<AIAnnotation> { Count: 0 }:
                Current = Make(AnswerBuilder.TextOf(PieceText.Of(update.Utf8.Span), update.Value));
                return true;
            case HarborUpdateKind.Reasoning:
                Current = Make(AnswerBuilder.ReasoningOf(PieceText.Of(update.Utf8.Span), update.Value));
                return true;
            case HarborUpdateKind.Content:
                Current = Make((AIContent)update.Value!);
                return true;
            case HarborUpdateKind.ToolCallEnd:
                Current = Make(AnswerBuilder.ToolCallOf(Call.Fold.ToolCalls[update.Index], isPartial: false));
                return true;
            case HarborUpdateKind.Restart:
                _messageId = MessageIds.Next();
                _responseId = null;
                Current = Make();
                Current.AdditionalProperties = new AdditionalPropertiesDictionary { [CallInfo.RestartKey] = true };

                // The new answer's own id may be known only now that the old one is void.
                _responseId = null;
                return true;
            default:
                return false;
        }
    }

    private protected override void PrepareTail()
    {
        AnswerFold fold = Call.Fold;
        var whole = new List<AIContent>();
        for (int i = 0; i < fold.RunCount; i++)
        {
            AnswerRun run = fold.Run(i);
            if (run.Value is ToolCallFold { IsComplete: false }) whole.Add(AnswerBuilder.ToolCallOf((ToolCallFold)run.Value!, isPartial: false));
            else if (run.Kind == HarborUpdateKind.Refusal) whole.Add(AnswerBuilder.RefusalOf(fold.TextOf(run)));
        }

        if (whole.Count > 0) _tail.Enqueue(Make([.. whole]));
        ChatResponseUpdate last = fold.Usage is { } usage ? Make(new UsageContent(usage)) : Make();
        last.FinishReason = AnswerBuilder.FinishReasonOf(fold);
        last.AdditionalProperties = ReasoningOrigin.PropertiesOf(Call);
        _tail.Enqueue(last);

        AdditionalPropertiesDictionary properties = CallInfo.ToProperties(CallInfo.Of(Call), fold.Usage);
        foreach ((string name, object? value) in fold.Identity?.Properties ?? []) properties[name] = value;

        // Without a MessageId its properties land on the response when updates are folded.
        _tail.Enqueue(new ChatResponseUpdate
        {
            ResponseId = _responseId,
            ModelId = last.ModelId,
            CreatedAt = last.CreatedAt,
            ConversationId = last.ConversationId,
            AdditionalProperties = properties,
        });
    }

    private protected override bool MoveTail()
    {
        if (Volatile.Read(ref _isTailDropped) || !_tail.TryDequeue(out ChatResponseUpdate? next)) return false;
        Current = next;
        return true;
    }

    private protected override void DropTail() => Volatile.Write(ref _isTailDropped, true);

    private ChatResponseUpdate Make(params AIContent[] contents)
    {
        AnswerIdentity? identity = Call.Fold.Identity;
        return new ChatResponseUpdate(ChatRole.Assistant, contents)
        {
            ResponseId = _responseId ??= identity?.ResponseId ?? _messageId,
            MessageId = _messageId,
            ModelId = identity?.Model ?? Call.AnsweringTarget.Model,
            CreatedAt = identity?.CreatedAt,
            ConversationId = identity?.ConversationId,
        };
    }
}
