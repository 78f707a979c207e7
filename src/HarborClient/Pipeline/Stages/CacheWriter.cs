using HarborClient.Caching;
using HarborClient.Pools;

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
        if (!ReferenceEquals(target, use.Target))
        {
            if (UseOf(call, target, use.Name is not null) is not { } other) return;
            use = other;
        }

        cache.Keep(use.Key, RequestKeys.SpaceOf(target, call.Operation), use.Name, answer, call.Settings.CacheTtl, TagsOf(call.Settings.Tags), call.Services.Time.GetUtcNow() - call.Elapsed);
    }

    /// <summary>The keys of the target that answered, which is not the first.</summary>
    private CacheUse? UseOf(Call call, Target target, bool isNamed)
    {
        if (keys.Write(call, target) is not { } body) return null;
        try
        {
            return new CacheUse(RequestKeys.KeyOf(body), target, isNamed ? RequestKeys.NameOf(target, call.Operation, body) : null);
        }
        finally
        {
            body.Release();
        }
    }

    /// <summary>A call's label <c>name = value</c> is the tag <c>name=value</c>.</summary>
    private static string[] TagsOf(IReadOnlyDictionary<string, string>? labels) => labels is null ? [] : [.. labels.Select(label => $"{label.Key}={label.Value}")];
}
