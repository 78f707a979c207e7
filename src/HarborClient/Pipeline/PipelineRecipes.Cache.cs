using HarborClient.Pipeline.Stages;
using HarborClient.Providers;

namespace HarborClient.Pipeline;

/// <content>What the recipes with a cache have of it.</content>
internal static partial class PipelineRecipes
{
    /// <summary>Makes the keys of what is looked up before the pipeline.</summary>
    internal static ICacheKeys KeysOf(Dictionary<string, Provider> providers) => new RequestKeys(providers);

    /// <summary>Where a chain looks for kept answers.</summary>
    internal static CacheReach ReachOf(PipelineStage outermost)
    {
        for (PipelineStage? stage = outermost; stage is not null; stage = stage.Inner)
        {
            if (stage is CacheStage cache) return cache.Reach;
        }

        return CacheReach.None;
    }

    private static CacheStage LinkCache(PipelineStage next, RequestKeys keys, ResponseCache cache, BackgroundCalls refreshes, bool asksBelow, SemanticSetup? semantic)
    {
        var writer = new CacheWriter(keys, cache);
        PipelineStage missed = new CoalesceStage(next, writer, cache);
        if (semantic is not null) missed = new SemanticStage(missed, keys, cache, semantic);
        return new CacheStage(missed, keys, cache, new Refresher(next, writer, cache, refreshes), asksBelow);
    }
}
