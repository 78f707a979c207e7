using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;

namespace HarborClient.Embeddings;

/// <summary>
/// One request for several callers, or for one of them. A call of its own, which belongs to none of them: it runs as long as one of them waits, and what it
/// comes to is shared out. Where it is refused over what it holds, it is asked again in halves, until the one who holds it is alone.
/// </summary>
#pragma warning disable CA1001 // A CancellationTokenSource without timer or wait handle holds nothing to dispose.
internal sealed class EmbeddingBatch
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _abandoned = new();
    private readonly List<EmbeddingMember> _members = [];

    // Members that wait, and one for the constructor while they join.
    private int _present = 1;

    private EmbeddingBatch(List<EmbeddingMember> members)
    {
        foreach (EmbeddingMember member in members)
        {
            Interlocked.Increment(ref _present);
            if (member.TryJoin(this)) _members.Add(member);
            else MemberLeft();
        }

        MemberLeft();
    }

    /// <summary>Asks for the members, and ends each of them. Never throws.</summary>
    internal static async Task RunAsync(CallFactory calls, List<EmbeddingMember> members)
    {
        var batch = new EmbeddingBatch(members);
        if (batch._members.Count == 0) return;
        try
        {
            batch.Share(await batch.AskAsync(calls).ConfigureAwait(false));
        }
        catch (HarborException e) when (batch._members.Count > 1 && IsOverContent(e.Kind))
        {
            int half = batch._members.Count / 2;
            await Task.WhenAll(RunAsync(calls, batch._members[..half]), RunAsync(calls, batch._members[half..])).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            foreach (EmbeddingMember member in batch._members) member.Fail(ErrorFor(member, e));
        }
    }

    /// <summary>A member got what it waited for, or left. The last one takes the request with it.</summary>
    internal void MemberLeft()
    {
        if (Interlocked.Decrement(ref _present) != 0) return;
        try
        {
            _abandoned.Cancel();
        }
        catch (AggregateException)
        {
            // A handler's own callback on the token threw; the token is cancelled all the same.
        }
    }

    /// <summary>Errors that one member's texts may be the reason of.</summary>
    private static bool IsOverContent(ErrorKind kind) => kind is ErrorKind.InvalidRequest or ErrorKind.ContextTooLong or ErrorKind.ContentFiltered or ErrorKind.TooLarge;

    private static Exception ErrorFor(EmbeddingMember member, Exception error) => error switch
    {
        HarborTimeoutException { Clock: HarborClock.Total } late => member.TimedOut(late),
        HarborException known => known.Copy(),
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName, disposed.Message),
        _ => error,
    };

    private async Task<EmbeddingResult> AskAsync(CallFactory calls)
    {
        EmbeddingMember first = _members[0];
        var inputs = new List<string>();
        foreach (EmbeddingMember member in _members) inputs.AddRange(member.Inputs);
        CallRequest request = first.Request.For(inputs, first.Request.EmbeddingOptions);
        (Call call, PipelineStage pipeline) = calls.Begin(request, first.Settings.Within(Longest()), isStreaming: false, _abandoned.Token);
        EmbeddingResult result = await PlainEdge.RunEmbeddingsAsync(call, pipeline).ConfigureAwait(false);
        if (result.Vectors.Length == inputs.Count) return result;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"A stage (AddStage) answered {inputs.Count} texts with {result.Vectors.Length} vectors.");
    }

    /// <summary>The request may take as long as the most patient of its callers.</summary>
    private TimeSpan Longest()
    {
        TimeSpan longest = TimeSpan.Zero;
        foreach (EmbeddingMember member in _members)
        {
            TimeSpan remaining = member.Remaining;
            if (remaining == Timeout.InfiniteTimeSpan) return remaining;
            if (remaining > longest) longest = remaining;
        }

        return longest;
    }

    private void Share(EmbeddingResult whole)
    {
        long all = 0;
        foreach (EmbeddingMember member in _members) all += member.Tokens;
        int position = 0;
        long before = 0;
        foreach (EmbeddingMember member in _members)
        {
            float[][] vectors = whole.Vectors[position..(position + member.Inputs.Length)];
            member.Succeed(whole with
            {
                Vectors = vectors,
                Usage = UsageShares.Take(whole.Usage, before, member.Tokens, all),
                Info = _members.Count == 1 ? CallInfo.Of([whole.Info], member.Elapsed, whole.Info.Cost) : ShareOf(whole.Info, member, before, all),
            });
            position += vectors.Length;
            before += member.Tokens;
        }
    }

    private static HarborCallInfo ShareOf(HarborCallInfo whole, EmbeddingMember member, long before, long all)
    {
        long own = member.Tokens;
        Money? Part(Money? cost) => UsageShares.Take(cost, before, own, all);
        return CallInfo.Of([whole], member.Elapsed, Part(whole.Cost), Part);
    }
}
