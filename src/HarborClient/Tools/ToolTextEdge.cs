using HarborClient.Edge;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>Shows a call with tools as the text of all its answers.</summary>
internal sealed class ToolTextEdge(HarborTextStream stream, ToolLoop loop, Func<ToolRun> beginRun, CancellationToken token, CancellationToken enumeratorToken)
    : ToolEdge<string>(loop, beginRun, token, enumeratorToken)
{
    internal static HarborTextStream Stream(ToolLoop loop, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken token) =>
        new((stream, enumeratorToken) => new ToolTextEdge(stream, loop, () => loop.BeginRun(messages, options, isStreaming: true), token, enumeratorToken));

    private protected override IAsyncEnumerator<string> Open(
        Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token, CancellationToken enumeratorToken) =>
        new TextEdge(null, begin, token, enumeratorToken);

    private protected override bool Shows(string piece) => true;

    private protected override void ShowHeld(Queue<string> ready, bool runsCalls)
    {
    }

    private protected override void Show(ChatMessage message, Queue<string> ready)
    {
    }

    private protected override void ShowEnd(Queue<string> ready)
    {
    }

    private protected override void OnEnded(HarborCallInfo info) => stream.Info = info;
}
