using System.Text;
using HarborClient.Pools;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline;

// Hot path: sees every update of an answer; appends bytes, allocates only when a run of another kind begins.

/// <summary>
/// The answer as far as it has arrived: the one place where updates are collected. It serves the plain answer, the partial answer of an interruption,
/// and whatever a stage needs at the end. One writer (the attempt's reader); readable until the call has ended.
/// </summary>
internal sealed class AnswerFold(ResourceCounters counters)
{
    /// <summary>A few pieces; the whole answer grows into it.</summary>
    private const int InitialTextBytes = 256;
    private const int InitialArgumentBytes = 256;

    // Nearly every answer is one run of text; what else there may be has its own place.
    private AnswerRun _first;
    private FurtherRuns? _more;

    // The text of the only run, once somebody has asked for it: the answer that is kept and the one that is shown share it.
    private string? _onlyText;

    // Owner: this fold; returned when the call ends.
    private PooledBuffer? _text;

    internal AnswerIdentity? Identity { get; private set; }

    internal UsageDetails? Usage { get; private set; }

    internal string? FinishReason { get; private set; }

    internal object? Payload { get; private set; }

    internal int RunCount { get; private set; }

    internal IReadOnlyList<ToolCallFold> ToolCalls => _more?.ToolCalls ?? (IReadOnlyList<ToolCallFold>)Array.Empty<ToolCallFold>();

    internal void Append(in HarborUpdate update)
    {
        switch (update.Kind)
        {
            case HarborUpdateKind.Text or HarborUpdateKind.Reasoning or HarborUpdateKind.Refusal:
                AppendText(update.Kind, update.Utf8.Span, update.Value);
                break;
            case HarborUpdateKind.ToolCall:
                AppendToolCall(update);
                break;
            case HarborUpdateKind.ToolCallEnd:
                _more!.ToolCalls![update.Index].IsComplete = true;
                break;
            case HarborUpdateKind.Content:
                Add(new AnswerRun(HarborUpdateKind.Content, 0, 0, update.Value));
                break;
            case HarborUpdateKind.Identity:
                Identity = (AnswerIdentity)update.Value!;
                break;
            case HarborUpdateKind.Usage:
                Usage = (UsageDetails)update.Value!;
                break;
            case HarborUpdateKind.Finish:
                FinishReason = (string)update.Value!;
                break;
            case HarborUpdateKind.Payload:
                Payload = update.Value;
                break;
            case HarborUpdateKind.Restart:
                throw new InvalidOperationException("A restart is not a part of an answer.");
        }
    }

    /// <summary>A run by its position in the answer.</summary>
    internal AnswerRun Run(int index) => index == 0 ? _first : _more!.Runs[index - 1];

    internal ReadOnlyMemory<byte> MemoryOf(AnswerRun run) => _text is null ? default : _text.Memory.Slice(run.Start, run.Length);

    internal ReadOnlySpan<byte> BytesOf(AnswerRun run) => MemoryOf(run).Span;

    /// <summary>All text of one kind, as UTF-8. Copies; for the rare paths.</summary>
    internal byte[] AllBytes(HarborUpdateKind kind)
    {
        using var all = new MemoryStream();
        for (int i = 0; i < RunCount; i++)
        {
            if (Run(i).Kind == kind) all.Write(BytesOf(Run(i)));
        }

        return all.ToArray();
    }

    /// <summary>The text of a run as far as it has arrived.</summary>
    internal string TextOf(AnswerRun run) => RunCount == 1 ? _onlyText ??= Encoding.UTF8.GetString(BytesOf(run)) : Encoding.UTF8.GetString(BytesOf(run));

    internal void Release()
    {
        _text?.Return();
        if (_more?.ToolCalls is not { } calls) return;
        foreach (ToolCallFold call in calls) call.Arguments.Return();
    }

    private void AppendText(HarborUpdateKind kind, ReadOnlySpan<byte> utf8, object? value)
    {
        _text ??= new PooledBuffer(counters, Math.Max(InitialTextBytes, utf8.Length));
        AnswerRun last = RunCount > 0 ? Run(RunCount - 1) : default;
        bool isSameKind = RunCount > 0 && last.Kind == kind;

        // An empty list of annotations ends a run of text; without one there is nothing to end.
        if (utf8.IsEmpty && value is IList<AIAnnotation> { Count: 0 } && !isSameKind) return;
        if (isSameKind && MayJoin(last, utf8, value)) Replace(last with { Length = last.Length + utf8.Length, Value = Joined(last.Value, value) });
        else Add(new AnswerRun(kind, _text.Length, utf8.Length, value));
        _text.Append(utf8);
        _onlyText = null;
    }

    private void Add(in AnswerRun run)
    {
        if (RunCount++ == 0) _first = run;
        else (_more ??= new FurtherRuns()).Runs.Add(run);
    }

    /// <summary>Replaces the last run.</summary>
    private void Replace(in AnswerRun run)
    {
        if (RunCount == 1) _first = run;
        else _more!.Runs[^1] = run;
    }

    /// <summary>What annotations or protected data belong to has ended; only more annotations of the same text may follow.</summary>
    private static bool MayJoin(AnswerRun run, ReadOnlySpan<byte> utf8, object? value) =>
        run.Value is null || (utf8.IsEmpty && run.Kind == HarborUpdateKind.Text && value is IList<AIAnnotation>);

    private static object? Joined(object? before, object? value)
    {
        if (before is not IList<AIAnnotation> earlier || value is not IList<AIAnnotation> later) return value ?? before;
        if (before is not GatheredAnnotations gathered) gathered = [.. earlier];
        gathered.AddRange(later);
        return gathered;
    }

    private void AppendToolCall(in HarborUpdate update)
    {
        List<ToolCallFold> calls = (_more ??= new FurtherRuns()).ToolCalls ??= new List<ToolCallFold>(1);
        if (update.Index == calls.Count)
        {
            var call = new ToolCallFold((ToolCallHead)update.Value!, new PooledBuffer(counters, Math.Max(InitialArgumentBytes, update.Utf8.Length)));
            calls.Add(call);
            Add(new AnswerRun(HarborUpdateKind.ToolCall, 0, 0, call));
        }

        ToolCallFold target = calls[update.Index];
        if (update.Value is ToolCallHead head) target.Head = head;
        target.Arguments.Append(update.Utf8.Span);
    }

    /// <summary>A list of the fold's own, which grows: a new one for each update would cost the square of their number.</summary>
    private sealed class GatheredAnnotations : List<AIAnnotation>;

    private sealed class FurtherRuns
    {
        internal List<AnswerRun> Runs { get; } = new(2);

        internal List<ToolCallFold>? ToolCalls { get; set; }
    }
}
