using HarborClient.Caching;
using HarborClient.Errors;

namespace HarborClient.Pipeline.Stages;

// Hot path: a hit ends here; a miss pays for the look-up.

/// <summary>
/// Answers a call from what was kept of the same request, and has the answer kept of one that was not found. A key belongs to one target: those of an alias are looked up in order in
/// this process's memory, and the first that is ready in the levels below.
/// </summary>
/// <param name="next">The stage that has the call answered.</param>
/// <param name="keys">Makes the keys.</param>
/// <param name="cache">Where answers are kept.</param>
/// <param name="refresher">Makes answers anew that are about to expire.</param>
/// <param name="asksBelow">Whether the levels below the memory are asked.</param>
internal sealed class CacheStage(PipelineStage next, RequestKeys keys, ResponseCache cache, Refresher refresher, bool asksBelow) : PipelineStage(next)
{
    internal CacheReach Reach => asksBelow ? CacheReach.Below : CacheReach.Memory;

    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        // A stage of the user's that opens attempts itself has chosen the target, and wants it asked.
        CachePolicy policy = call.Settings.Cache;
        bool applies = call.Target is null && policy != CachePolicy.Bypass && cache.Permits(call.Settings.DataClass) && Repeatable.Is(call);
        CacheUse? use = null;
        if (applies)
        {
            IReadOnlyList<Target> targets = call.Settings.Permitted(call.Targets, call.RequestedModel);
            for (int i = 0; i < targets.Count; i++)
            {
                if (policy == CachePolicy.Auto && !keys.IsDeterministic(call, targets[i])) continue;
                if (Look(call, targets[i], ref use) is { } hit) return new ValueTask<UpdateReader>(Replay(call, hit));
            }
        }

        if (use is { Name: not null } && policy != CachePolicy.Refresh) return OpenBelowAsync(call, use);
        return policy == CachePolicy.Only ? throw ErrorFactory.NotKept(call.RequestedModel, applies) : OpenMissed(call, use);
    }

    /// <summary>Looks one target's key up in memory. The first that is ready is the one under which the levels below are asked.</summary>
    private CacheHit? Look(Call call, Target target, ref CacheUse? use)
    {
        bool isNamed = asksBelow && cache.HasLevelsFor(call.Settings.IsLocalOnly) && target.Health.IsReady;
        if (keys.Write(call.Services, call.Request, call.Settings, target, isNamed) is not { } scratch) return null;
        try
        {
            CacheKey key = scratch.Key();
            CacheHit? hit = null;
            bool isDue = false;
            if (call.Settings.Cache != CachePolicy.Refresh) hit = cache.Find(key, out isDue);
            if (hit is not null && !isDue) return hit;
            bool isWanted = isDue || use is null || (use.Name is null && isNamed);
            if (!isWanted) return hit;
            var own = new CacheUse(key, target, isNamed ? RequestKeys.NameOf(scratch, target, call.Operation) : null) { Asked = cache.Now };
            if (isDue) refresher.Begin(call, own);
            else use = own;
            return hit;
        }
        finally
        {
            scratch.Return();
        }
    }

    private async ValueTask<UpdateReader> OpenBelowAsync(Call call, CacheUse use)
    {
        if (await cache.FindBelowAsync(use.Key, use.Name!, RequestKeys.SpaceOf(use.Target, call.Operation)).ConfigureAwait(false) is { } hit) return Replay(call, hit);
        if (call.Settings.Cache == CachePolicy.Only) throw ErrorFactory.NotKept(call.RequestedModel, applies: true);
        return await OpenMissed(call, use).ConfigureAwait(false);
    }

    private ValueTask<UpdateReader> OpenMissed(Call call, CacheUse? use)
    {
        if (use is null) return Next.OpenAsync(call);
        cache.Missed();
        call.CacheUse = use;
        return cache.Remembers ? OpenRememberedAsync(call, use) : Next.OpenAsync(call);
    }

    /// <summary>Where refusals are remembered or expired answers may serve: what the providers say decides.</summary>
    private async ValueTask<UpdateReader> OpenRememberedAsync(Call call, CacheUse use)
    {
        if (call.Settings.Cache == CachePolicy.Refresh) return await Next.OpenAsync(call).ConfigureAwait(false);
        if (cache.FindRefusal(use.Key) is { } refusal) throw refusal;

        // Nobody is ready to be asked: an old answer now is better than one after the wait.
        if (!call.HasOtherReady() && cache.FindStale(use.Key) is { } old) return Replay(call, old);
        try
        {
            return await Next.OpenAsync(call).ConfigureAwait(false);
        }
        catch (HarborException e)
        {
            if (e.IsTransient && cache.FindStale(use.Key) is { } stale) return Replay(call, stale);
            if (e.Provider == use.Target.Provider && e.Model == use.Target.Model) cache.Remember(use.Key, RequestKeys.SpaceOf(use.Target, call.Operation), e);
            throw;
        }
    }

    private UpdateReader Replay(Call call, CacheHit hit)
    {
        call.Hit = hit;
        return StoredReader.Of(call, hit, cache.Options.ReplayCharactersPerSecond);
    }
}
