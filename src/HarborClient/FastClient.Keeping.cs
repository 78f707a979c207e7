using HarborClient.Caching;
using HarborClient.Edge;
using HarborClient.Embeddings;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>What is kept of answers, and calls that the cache has made.</content>
public sealed partial class FastClient
{
    private readonly BackgroundCalls _refreshes;

    /// <summary>What is kept of answers: statistics, removal, warm-up, and the same for one's own functions.</summary>
    public ResponseCache Cache { get; }

    /// <summary>The cache knows no call: it is told how to ask, where answers lie, and when memory runs short.</summary>
    private void ConnectCache(ICacheKeys keys)
    {
        Cache.Ask = AskToKeepAsync;
        Cache.Embed = EmbedToKeepAsync;
        Cache.MayStore = () => _memory.MayStore;
        _memory.Register(Cache.Trim);
        Cache.Locate = (messages, options) => _calls.KeysOf(messages, options, keys);
    }

    /// <summary>Levels that were added for nothing would only be noticed on the bill.</summary>
    private void CheckLevels(FastClientParts parts)
    {
        IReadOnlyList<CacheLevelStatistics> levels = Cache.Statistics.Levels;
        if (levels.Count == 0 || parts.Recipes.Any(recipe => PipelineRecipes.ReachOf(_pipelines[recipe]) == CacheReach.Below)) return;
        Log.LevelsNotReached(parts.Logger, string.Join(", ", levels.Select(level => level.Name)));
    }

    private async Task AskToKeepAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CallPriority priority, bool isNew, TimeSpan? ttl, CancellationToken cancellationToken)
    {
        (Call call, PipelineStage pipeline) = _calls.BeginKept(messages, options, priority, isNew, ttl, cancellationToken);
        await PlainEdge.RunChatAsync(call, pipeline).ConfigureAwait(false);
        if (call is { Hit: null, Shared: null, CacheUse: null }) throw ErrorFactory.WasNotKept(call.RequestedModel);
    }

    private async Task EmbedToKeepAsync(
        IReadOnlyList<string> texts, EmbeddingGenerationOptions? options, CallPriority priority, bool isNew, TimeSpan? ttl, CancellationToken cancellationToken) =>
        await _embeddings.RunKeptAsync([.. texts], CallFactory.KeptOptions(options, priority, isNew, ttl), cancellationToken).ConfigureAwait(false);

    /// <summary>The client embeds questions itself, by the batcher that is made after the stages.</summary>
    private SemanticSetup? SetupOf(FastClientParts parts) => parts.Semantic is not { } options ? null : new SemanticSetup(
        options,
        parts.QuestionGenerator is { } generator ? new GeneratorEmbedder(generator) : new ClientEmbedder(parts.QuestionModel!, () => _embeddings),
        new LevelBreaker(parts.Time));
}
