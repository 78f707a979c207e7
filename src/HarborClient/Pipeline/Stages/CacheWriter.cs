using HarborClient.Caching;

namespace HarborClient.Pipeline.Stages;

/// <summary>Keeps the answers of calls that were looked up in vain, when they are whole. Thread-safe, one for all calls.</summary>
internal sealed class CacheWriter(RequestKeys keys, ResponseCache cache) : ICallCompletion
{
    public void OnCompleted(Call call, CallOutcome outcome)
    {
        if (outcome.Status == CallStatus.Succeeded) Keep(call);
    }

    /// <summary>Keeps the whole answer of a call, if it is one to keep.</summary>
    internal void Keep(Call call)
    {
        if (call.CacheUse is not { } use) return;
        if (AnswerKeeper.Keep(call, cache.Options.StoresToolCalls) is not { } answer) return;
        Target target = call.AnsweringTarget;
        Question? question = (use as SemanticUse)?.Question;
        CacheKey? context = question?.Context;
        if (!ReferenceEquals(target, use.Target))
        {
            if (keys.UseOf(call.Services, call.Request, call.Settings, target, use.Name is not null) is not { } other) return;
            use = other with { Asked = use.Asked };
            if (question is not null) context = keys.ContextOf(call.Services, call.Request, call.Settings, target);
        }

        cache.Keep(use.Key, RequestKeys.SpaceOf(target, call.Operation), use.Name, answer, call.Settings.CacheTtl, CacheTags.Of(call.Settings.Tags), use.Asked);
        if (question is not null && context is { } shared) cache.Keep(question, shared, use.Key, RequestKeys.SpaceOf(target, call.Operation), use.Name);
    }
}
