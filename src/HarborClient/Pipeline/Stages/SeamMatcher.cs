namespace HarborClient.Pipeline.Stages;

/// <summary>Compares a new answer, piece by piece, with what the caller got of a broken one.</summary>
internal sealed class SeamMatcher
{
    private readonly byte[] _text;
    private readonly byte[] _reasoning;
    private readonly bool _hasMore;
    private int _textMatched;
    private int _reasoningMatched;

    /// <summary>Takes down what the caller got.</summary>
    /// <param name="delivered">The answer.</param>
    /// <param name="missingText">How many bytes of its text the caller has not got.</param>
    /// <param name="missingReasoning">How many bytes of its reasoning.</param>
    internal SeamMatcher(AnswerFold delivered, int missingText = 0, int missingReasoning = 0)
        : this(
            AllBut(missingText, delivered.AllBytes(HarborUpdateKind.Text)),
            AllBut(missingReasoning, delivered.AllBytes(HarborUpdateKind.Reasoning)),
            Enumerable.Range(0, delivered.RunCount).Select(delivered.Run).Any(run => run.Kind is HarborUpdateKind.Refusal or HarborUpdateKind.Content || run.Value is ToolCallFold { IsComplete: true }))
    {
    }

    private SeamMatcher(byte[] text, byte[] reasoning, bool hasMore)
    {
        _text = text;
        _reasoning = reasoning;
        _hasMore = hasMore;
    }

    /// <summary>For a caller who got nothing.</summary>
    internal static SeamMatcher Nothing { get; } = new([], [], false);

    /// <summary>Whether the new answer has repeated everything. Once text was shown, the reasoning before it need not be the same.</summary>
    internal bool IsPassed => _textMatched == _text.Length && (_text.Length > 0 || _reasoningMatched == _reasoning.Length) && !_hasMore;

    /// <summary>The same, from the beginning, for yet another answer.</summary>
    internal SeamMatcher Again() => new(_text, _reasoning, _hasMore);

    /// <summary>What the caller got, as updates.</summary>
    internal IEnumerable<HarborUpdate> Delivered()
    {
        if (_reasoning.Length > 0) yield return new HarborUpdate(HarborUpdateKind.Reasoning, _reasoning);
        if (_text.Length > 0) yield return new HarborUpdate(HarborUpdateKind.Text, _text);
    }

    /// <summary>Compares one update. <paramref name="beyond"/> is what the caller has not got yet.</summary>
    internal SeamResult Match(in HarborUpdate update, out HarborUpdate beyond)
    {
        beyond = update;
        switch (update.Kind)
        {
            case HarborUpdateKind.Text:
                return Match(_text, ref _textMatched, update, out beyond);
            case HarborUpdateKind.Reasoning when _text.Length > 0:
                return SeamResult.Repeated;
            case HarborUpdateKind.Reasoning:
                return Match(_reasoning, ref _reasoningMatched, update, out beyond);
            case HarborUpdateKind.Refusal or HarborUpdateKind.Content or HarborUpdateKind.ToolCallEnd:
                return IsPassed ? SeamResult.Beyond : SeamResult.Different;
            default:
                // Identity, usage, finish and tool-call fragments are not shown piece by piece.
                return SeamResult.Beyond;
        }
    }

    /// <summary>The new answer has ended.</summary>
    internal SeamResult MatchEnd() => IsPassed ? SeamResult.Repeated : SeamResult.Different;

    /// <summary>A whole answer as updates, for handing it out from the beginning.</summary>
    internal static IEnumerable<HarborUpdate> WholeOf(AnswerFold fold)
    {
        if (fold.Identity is { } identity) yield return new HarborUpdate(HarborUpdateKind.Identity, identity);
        int toolCall = 0;
        for (int i = 0; i < fold.RunCount; i++)
        {
            AnswerRun run = fold.Run(i);
            if (run.Value is not ToolCallFold call)
            {
                yield return new HarborUpdate(run.Kind, run.Kind == HarborUpdateKind.Content ? default : fold.MemoryOf(run), 0, run.Value);
                continue;
            }

            yield return new HarborUpdate(HarborUpdateKind.ToolCall, call.Arguments.Memory, toolCall, call.Head);
            if (call.IsComplete) yield return new HarborUpdate(HarborUpdateKind.ToolCallEnd, default, toolCall);
            toolCall++;
        }

        if (fold.Usage is { } usage) yield return new HarborUpdate(HarborUpdateKind.Usage, usage);
        if (fold.FinishReason is { } finish) yield return new HarborUpdate(HarborUpdateKind.Finish, finish);
    }

    private static byte[] AllBut(int missing, byte[] bytes) => missing == 0 ? bytes : bytes[..Math.Max(0, bytes.Length - missing)];

    private SeamResult Match(byte[] delivered, ref int matched, in HarborUpdate update, out HarborUpdate beyond)
    {
        beyond = update;
        int common = Math.Min(update.Utf8.Length, delivered.Length - matched);
        if (!update.Utf8.Span[..common].SequenceEqual(delivered.AsSpan(matched, common))) return SeamResult.Different;
        matched += common;
        if (common == update.Utf8.Length) return SeamResult.Repeated;
        if (!IsPassed) return SeamResult.Different;
        beyond = new HarborUpdate(update.Kind, update.Utf8[common..]);
        return SeamResult.Beyond;
    }
}
