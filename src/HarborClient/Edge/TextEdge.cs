using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

// Hot path: one string per piece of text and nothing else.

/// <summary>Shows a call as pieces of text. A refusal is the model's text too; a restart that cannot be hidden ends the stream, for text handed out cannot be taken back.</summary>
internal sealed class TextEdge(HarborTextStream? stream, Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token, CancellationToken enumeratorToken)
    : StreamEdge<string>(begin, token, enumeratorToken)
{
    private bool _hasShown;

    private protected override bool Show(in HarborUpdate update)
    {
        switch (update.Kind)
        {
            case HarborUpdateKind.Text or HarborUpdateKind.Refusal when update.Utf8.Length > 0:
                Current = PieceText.Of(update.Utf8.Span);
                _hasShown = true;
                return true;
            case HarborUpdateKind.Restart when _hasShown:
                throw CannotStartOver((Exception)update.Value!);
            default:
                return false;
        }
    }

    private StreamInterruptedException CannotStartOver(Exception cause)
    {
        StreamInterruptedException error = cause is StreamInterruptedException broken
            ? ErrorFactory.Interrupted(broken.Partial, broken.InnerException ?? broken)
            : ErrorFactory.Interrupted(new ChatResponse(), cause);
        error.Append($"The answer of {Call.AnsweringTarget.Name} differs from the text that was handed out, which cannot be taken back; GetStreamingResponseAsync marks where an answer starts over.");
        return error;
    }

    private protected override void PrepareTail()
    {
    }

    private protected override bool MoveTail() => false;

    private protected override void DropTail()
    {
    }

    private protected override void OnEnding() => stream?.Info = CallInfo.Of(Call);
}
