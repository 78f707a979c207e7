using HarborClient.Caching;
using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Calls whose answers are to be kept, or are to be found kept.</content>
internal sealed partial class CallFactory
{
    private readonly CacheReach[] _reaches = Array.ConvertAll(pipelines, PipelineRecipes.ReachOf);

    /// <summary>A chat call that is made for its answer to be kept: by the cache, for nobody yet.</summary>
    internal (Call Call, PipelineStage Pipeline) BeginKept(
        IEnumerable<ChatMessage> messages, ChatOptions? options, CallPriority priority, bool isNew, TimeSpan? ttl, CancellationToken cancellationToken)
    {
        HarborChatOptions? keys = HarborProperties.Read(options?.AdditionalProperties);
        HarborChatOptions own = (options as HarborChatOptions)?.Clone() as HarborChatOptions ?? new HarborChatOptions();
        own.Priority ??= keys?.Priority ?? priority;
        own.CacheTtl ??= keys?.CacheTtl ?? ttl;
        own.Cache = isNew || (own.Cache ?? keys?.Cache) == CachePolicy.Refresh ? CachePolicy.Refresh : CachePolicy.Always;
        (CallRequest request, CallSettings settled) = Prepare(messages, options, CallOperation.Chat, own: own);
        CheckKeeps(request, settled);
        (Call call, PipelineStage pipeline) = Begin(request, settled, isStreaming: false, cancellationToken);
        tokens.Watch(call);
        return (call, pipeline);
    }

    /// <summary>The options of embeddings that are asked for to be kept.</summary>
    internal static EmbeddingGenerationOptions KeptOptions(EmbeddingGenerationOptions? options, CallPriority priority, bool isNew, TimeSpan? ttl)
    {
        EmbeddingGenerationOptions kept = options?.Clone() ?? new EmbeddingGenerationOptions();
        HarborChatOptions? own = HarborProperties.Read(kept.AdditionalProperties);
        AdditionalPropertiesDictionary properties = kept.AdditionalProperties ??= [];
        if (own?.Priority is null) properties["harbor.priority"] = priority;
        if (own?.CacheTtl is null && ttl is not null) properties["harbor.cache_ttl"] = ttl;
        properties["harbor.cache"] = isNew || own?.Cache == CachePolicy.Refresh ? CachePolicy.Refresh : CachePolicy.Always;
        return kept;
    }

    /// <summary>A call whose embeddings nobody would keep is not made.</summary>
    internal void CheckKeeps(CallRequest request, CallSettings own)
    {
        if (ReachOf(own) == CacheReach.None) throw KeepsNothing(request, own);
    }

    /// <summary>Under which keys answers to a request may be kept: one for each target that may give one.</summary>
    internal List<AnswerKey> KeysOf(IEnumerable<ChatMessage> messages, ChatOptions? options, ICacheKeys keys)
    {
        (CallRequest request, CallSettings own) = Prepare(messages, options, CallOperation.Chat);
        List<AnswerKey> all = [];
        foreach (Target target in own.Permitted(request.Alias.Targets, request.RequestedModel))
        {
            if (keys.UseOf(services, request, own, target, isNamed: true) is { Name: { } name } use) all.Add(new AnswerKey(use.Key, name));
        }

        return all;
    }

    /// <summary>Where the recipe of a call looks for kept answers.</summary>
    internal CacheReach ReachOf(CallSettings own) => _reaches[(int)own.Mode];

    private static HarborException NoCache(CallRequest request, CallSettings own) => ErrorFactory.Setting(
        ErrorKind.InvalidRequest,
        $"Cache = Only asks for a kept answer, and this {request.Operation} call in mode {own.Mode} is never answered from a cache: the Fast recipe has none, and only chat answers and embeddings are kept.");

    private static HarborException KeepsNothing(CallRequest request, CallSettings own) => ErrorFactory.Setting(
        ErrorKind.InvalidRequest,
        $"A call to '{ErrorFactory.Quote(request.RequestedModel, 200)}' in mode {own.Mode} keeps no answer, so nothing was asked. Set Mode to Balanced or Full in the options of the request, or for the client (UseMode).");
}
