using HarborClient.Caching;
using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Embeddings;

/// <summary>
/// Looks the texts of an embedding call up one by one, before they are joined with those of others, has the rest asked for, and keeps what comes. A vector always is the same for a text, so
/// every policy but Bypass keeps it. A text that somebody asks for already is not asked for again. One per client, thread-safe.
/// </summary>
internal sealed class EmbeddingCache(CallFactory calls, ICacheKeys keys, ResponseCache cache)
{
    private readonly EmbeddingFlights _flights = new(cache);

    internal bool Applies(CallRequest request, CallSettings settings) =>
        settings.Cache != CachePolicy.Bypass && request.RawRepresentation is null && calls.ReachOf(settings) != CacheReach.None && cache.Permits(settings.DataClass);

    /// <summary>Answers a call from what is kept, and by asking for the texts that are not.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="settings">For whom.</param>
    /// <param name="ask">Asks for texts.</param>
    /// <param name="cancellationToken">The caller's.</param>
    internal async ValueTask<EmbeddingResult> RunAsync(CallRequest request, CallSettings settings, Func<CallRequest, CallSettings, CancellationToken, ValueTask<EmbeddingResult>> ask, CancellationToken cancellationToken)
    {
        long startedAt = calls.Services.Time.GetTimestamp();
        bool isNamed = calls.ReachOf(settings) == CacheReach.Below && cache.HasLevelsFor(settings.IsLocalOnly);

        // All targets of an alias for embeddings are one model, so what one of them gives can stand beside what another has given.
        Target target = settings.Permitted(request.Targets, request.RequestedModel)[0];
        CacheUse?[] uses = [.. request.Inputs.Select(input => UseOf(request, settings, target, input, isNamed))];
        if (settings.Cache == CachePolicy.Refresh)
        {
            // Whoever wants new vectors does not want those that were asked for before.
            AskedAt askedAt = cache.Now;
            EmbeddingResult made = await ask(request, settings, cancellationToken).ConfigureAwait(false);
            if (made.Vectors.Length == uses.Length) Keep(request, settings, made, target, [.. Enumerable.Range(0, uses.Length)], uses, isNamed, askedAt);
            return made;
        }

        StoredVector?[] found = await FindAsync(uses, target).ConfigureAwait(false);
        if (Array.TrueForAll(found, vector => vector is not null)) return Whole(request, settings, target, found!, startedAt);
        if (settings.Cache == CachePolicy.Only) throw ErrorFactory.NotKept(request.RequestedModel, applies: true);
        var asker = new EmbeddingAsker(_flights, cache, request, settings, uses, found, calls.Services.Time);
        if (!await asker.RunAsync(AskAsync, cancellationToken).ConfigureAwait(false)) return asker.Results[^1];
        if (asker.Results.Count == 0) return Whole(request, settings, target, found!, startedAt);
        EmbeddingResult asked = asker.Results.Count == 1 ? asker.Results[0] : SplitEmbeddings.Join(asker.Results, calls.Services.Time.GetElapsedTime(startedAt));
        return asked with { Vectors = [.. found.Select(vector => vector!.Values)] };

        async ValueTask<EmbeddingResult> AskAsync(int[] texts, CallSettings now, EmbeddingFlight flight)
        {
            // Who opened the request may go before it is over, and change its options.
            EmbeddingResult result = await ask(request.For([.. texts.Select(i => request.Inputs[i])], request.EmbeddingOptions?.Clone()), now, flight.Token).ConfigureAwait(false);
            if (result.Vectors.Length == texts.Length) Keep(request, settings, result, target, texts, uses, isNamed, flight.Asked);
            return result;
        }
    }

    private static bool IsOf(HarborCallInfo info, Target target) => info.Provider == target.Provider && info.Model == target.Model;

    private static string SpaceOf(Target target) => target.EmbeddingSpace ??= $"embed:{target.Name}:";

    private CacheUse? UseOf(CallRequest request, CallSettings settings, Target target, string input, bool isNamed) =>
        keys.UseOf(calls.Services, request.For([input], request.EmbeddingOptions), settings, target, isNamed);

    private async ValueTask<StoredVector?[]> FindAsync(CacheUse?[] uses, Target target)
    {
        var found = new StoredVector?[uses.Length];
        List<Task>? below = null;
        for (int i = 0; i < uses.Length; i++)
        {
            if (uses[i] is not { } use) continue;
            found[i] = cache.FindVector(use.Key);
            if (found[i] is null && use.Name is not null) (below ??= []).Add(FindBelowAsync(i, use));
        }

        if (below is not null) await Task.WhenAll(below).ConfigureAwait(false);
        return found;

        async Task FindBelowAsync(int i, CacheUse use) => found[i] = await cache.FindVectorBelowAsync(use.Key, use.Name!, SpaceOf(target)).ConfigureAwait(false);
    }

    /// <summary>Keeps each vector under the target that gave it.</summary>
    private void Keep(CallRequest request, CallSettings settings, EmbeddingResult asked, Target first, int[] missing, CacheUse?[] uses, bool isNamed, AskedAt askedAt)
    {
        Target? target = IsOf(asked.Info, first) ? first : request.Targets.FirstOrDefault(other => IsOf(asked.Info, other));
        if (target is null) return;
        string[] tags = CacheTags.Of(settings.Tags);
        for (int i = 0; i < missing.Length; i++)
        {
            CacheUse? use = ReferenceEquals(target, first) ? uses[missing[i]] : UseOf(request, settings, target, request.Inputs[missing[i]], isNamed);
            if (use is not null) cache.Keep(use.Key, SpaceOf(target), use.Name, new StoredVector(asked.Vectors[i], asked.Model), settings.CacheTtl, tags, askedAt);
        }
    }

    /// <summary>Nobody was asked.</summary>
    private EmbeddingResult Whole(CallRequest request, CallSettings settings, Target target, StoredVector[] found, long startedAt) => new(
        [.. found.Select(vector => vector.Values)],
        CacheHit.Nothing(),
        found[0].Model ?? target.Model,
        new HarborCallInfo
        {
            Provider = target.Provider,
            Model = target.Model,
            RequestedModel = request.RequestedModel,
            Mode = settings.Mode,
            Duration = calls.Services.Time.GetElapsedTime(startedAt),
            CacheLevel = found.Max(vector => vector.Level),
            Cost = Money.Zero,
        });
}
