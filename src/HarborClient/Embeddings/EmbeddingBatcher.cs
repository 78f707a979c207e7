using System.Collections.Concurrent;
using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Providers;
using HarborClient.Tokens;
using Microsoft.Extensions.AI;

namespace HarborClient.Embeddings;

/// <summary>
/// Turns embedding calls into requests: one for one while the model has room, one for many while it has not, several for one that is too large. One per
/// client, thread-safe.
/// </summary>
internal sealed class EmbeddingBatcher
{
    /// <summary>Models with a lane of their own; calls of further ones are sent as they come, so that invented names cannot fill the memory.</summary>
    private const int MaxLanes = 1000;

    /// <summary>No character is estimated at more tokens; a text that is short enough is not looked at.</summary>
    private const int MostTokensPerCharacter = 3;

    private readonly CallFactory _calls;
    private readonly Func<Target, EmbeddingLimits> _limitsOf;
    private readonly EmbeddingCache _cache;
    private readonly ConcurrentDictionary<IReadOnlyList<Target>, EmbeddingLane> _lanes = new(ReferenceEqualityComparer.Instance);
    private int _laneCount;

    internal EmbeddingBatcher(CallFactory calls, Func<Target, EmbeddingLimits> limitsOf, EmbeddingCache cache)
    {
        _cache = cache;
        _calls = calls;
        _limitsOf = limitsOf;
        calls.Services.Shutdown.UnsafeRegister(static batcher => ((EmbeddingBatcher)batcher!).Close(), this);
    }

    private CallServices Services => _calls.Services;

    internal ValueTask<EmbeddingResult> RunAsync(string[] inputs, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        (CallRequest request, CallSettings settings) = _calls.PrepareEmbeddings(inputs, options);
        return _cache.Applies(request, settings)
            ? _cache.RunAsync(request, settings, (missing, now, token) => AskAsync(missing, now, options, token), cancellationToken)
            : AskAsync(request, settings, options, cancellationToken);
    }

    /// <summary>Embeds texts for nobody yet, so that the embeddings are kept.</summary>
    internal async ValueTask RunKeptAsync(string[] inputs, EmbeddingGenerationOptions options, CancellationToken cancellationToken)
    {
        (CallRequest request, CallSettings settings) = _calls.PrepareEmbeddings(inputs, options);
        _calls.CheckKeeps(request, settings);
        if (!_cache.Applies(request, settings)) throw ErrorFactory.WasNotKept(request.RequestedModel);
        await _cache.RunAsync(request, settings, (missing, now, token) => AskAsync(missing, now, options, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Embeds a text of a call's, for whom the call is, and only where the call may be seen; null where it may not.</summary>
    internal async ValueTask<EmbeddingResult?> RunForAsync(string model, string text, CallSettings of, CancellationToken cancellationToken)
    {
        var options = new EmbeddingGenerationOptions { ModelId = model };
        (CallRequest request, CallSettings settings) = _calls.PrepareEmbeddings([text], options, of);
        if (!request.Targets.Any(settings.Permits)) return null;
        return _cache.Applies(request, settings)
            ? await _cache.RunAsync(request, settings, (missing, now, token) => AskAsync(missing, now, options, token), cancellationToken).ConfigureAwait(false)
            : await AskAsync(request, settings, options, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<EmbeddingResult> AskAsync(CallRequest request, CallSettings settings, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        EmbeddingLane? lane = request.RawRepresentation is null && (options is null || options.GetType() == typeof(EmbeddingGenerationOptions)) ? LaneOf(request) : null;
        if (lane is null) return RunAloneAsync(request, settings, null, cancellationToken);
        if (Pieces(request, lane.MostItems, lane.Limits.MaxTokens) is { } pieces) return new ValueTask<EmbeddingResult>(new SplitEmbeddings(_calls, lane, request, settings, cancellationToken).RunAsync(pieces));
        if (lane.TryEnter()) return RunAloneAsync(request, settings, lane, cancellationToken);
        return new ValueTask<EmbeddingResult>(JoinAsync(request, settings, lane, cancellationToken));
    }

    private async ValueTask<EmbeddingResult> RunAloneAsync(CallRequest request, CallSettings settings, EmbeddingLane? lane, CancellationToken cancellationToken)
    {
        try
        {
            (Call call, PipelineStage pipeline) = _calls.Begin(request, settings, isStreaming: false, cancellationToken);
            return await PlainEdge.RunEmbeddingsAsync(call, pipeline).ConfigureAwait(false);
        }
        finally
        {
            lane?.Leave();
        }
    }

    private Task<EmbeddingResult> JoinAsync(CallRequest request, CallSettings settings, EmbeddingLane lane, CancellationToken cancellationToken)
    {
        // Copied: the caller may change its options while it waits.
        CallRequest own = request.For(request.Inputs, request.EmbeddingOptions?.Clone());
        var key = new BatchKey(settings, own.EmbeddingOptions);
        return new EmbeddingMember(key, own, settings, Services.Time.GetTimestamp(), Services.Time, cancellationToken).RunAsync(lane);
    }

    private EmbeddingLane? LaneOf(CallRequest request)
    {
        if (!_lanes.TryGetValue(request.Targets, out EmbeddingLane? lane))
        {
            if (Volatile.Read(ref _laneCount) >= MaxLanes) return null;
            EmbeddingLane own = NewLane(request.Targets);
            lane = _lanes.GetOrAdd(request.Targets, own);
            if (ReferenceEquals(lane, own)) Interlocked.Increment(ref _laneCount);
        }

        return lane.Limits.IsEnabled ? lane : null;
    }

    private EmbeddingLane NewLane(IReadOnlyList<Target> targets)
    {
        EmbeddingLimits limits = targets.Select(_limitsOf).Aggregate(EmbeddingLimits.Least);
        EmbeddingLane? lane = null;
        lane = new EmbeddingLane(limits, targets, Services.Time, members => Start(lane!, members));
        return lane;
    }

    /// <summary>On the pool, without anybody's execution context: the thread belongs to a caller whose own answer has just come, or to a timer.</summary>
    private void Start(EmbeddingLane lane, List<EmbeddingMember> members) =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Batcher.RunBatchAsync(work.Lane, work.Members), (Batcher: this, Lane: lane, Members: members), preferLocal: false);

    private async Task RunBatchAsync(EmbeddingLane lane, List<EmbeddingMember> members)
    {
        await EmbeddingBatch.RunAsync(_calls, members).ConfigureAwait(false);
        lane.Leave();
    }

    /// <summary>The ends of the requests that a large call becomes; null for one that fits.</summary>
    private static List<Range>? Pieces(CallRequest request, int mostItems, int mostTokens)
    {
        IReadOnlyList<string> inputs = request.Inputs;
        long characters = 0;
        foreach (string input in inputs) characters += input.Length;
        if (inputs.Count <= mostItems && characters * MostTokensPerCharacter <= mostTokens) return null;
        List<Range> pieces = [];
        int start = 0;
        long tokens = 0;
        for (int i = 0; i < inputs.Count; i++)
        {
            int own = TokenEstimator.EstimateInput(request.Targets[0], inputs[i]);
            if (i > start && (i - start == mostItems || tokens + own > mostTokens))
            {
                pieces.Add(start..i);
                start = i;
                tokens = 0;
            }

            tokens += own;
        }

        if (start == 0) return null;
        pieces.Add(start..inputs.Count);
        return pieces;
    }

    private void Close()
    {
        foreach (EmbeddingLane lane in _lanes.Values) lane.Close();
    }
}
