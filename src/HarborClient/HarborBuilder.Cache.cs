using HarborClient.Caching;
using HarborClient.Errors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <content>What is kept of answers, and where.</content>
public sealed partial class HarborBuilder
{
    private readonly MemoryCacheOptions _memoryCache = new();
    private readonly CacheOptions _cache = new();
    private readonly List<Func<TimeProvider, ILoggerFactory, ICacheLevel>> _cacheLevels = [];
    private readonly List<SealingKey> _cacheKeys = [];
    private SemanticCacheOptions? _semantic;
    private IEmbeddingGenerator<string, Embedding<float>>? _questionGenerator;
    private string? _questionModel;

    /// <summary>Sets how much of the process's memory keeps answers, and for how long. It is on without this, in Balanced and Full.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseMemoryCache(Action<MemoryCacheOptions>? configure = null) => With(() => configure?.Invoke(_memoryCache));

    /// <summary>Sets which answers are kept, at all levels.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseCache(Action<CacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => configure(_cache));
    }

    /// <summary>Adds a place that keeps answers below the process's memory; calls in Full look there, in the order in which they were added.</summary>
    /// <param name="create">Makes it when the client is built; the client disposes it.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseCacheLevel(Func<ICacheLevel> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return UseCacheLevel((_, _) => create());
    }

    /// <summary>Keeps answers in any <see cref="IDistributedCache"/>, below the process's memory; calls in Full look there.</summary>
    /// <param name="cache">Stays the caller's: it is not disposed, and has to live as long as the client.</param>
    /// <param name="ttl">How long an answer is kept where a call or an alias says nothing.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// Such a cache has no messages between processes: what one removes, another's memory keeps until it expires. A removed prefix holds where it ends with a colon or a slash. HarborClient.Redis
    /// has neither limit.
    /// </remarks>
    public HarborBuilder UseDistributedCache(IDistributedCache cache, TimeSpan? ttl = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        TimeSpan kept = ttl ?? TimeSpan.FromHours(1);
        SettingCheck.Range(kept, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365), "The ttl of UseDistributedCache");
        return UseCacheLevel((time, _) => new DistributedCacheLevel(cache, kept, time));
    }

    /// <summary>Adds a place that keeps answers by the client's clock or writes to its log (<see cref="UseTimeProvider"/>, <see cref="UseLoggerFactory"/>).</summary>
    /// <param name="create">Makes it of both when the client is built; the client disposes it.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseCacheLevel(Func<TimeProvider, ILoggerFactory, ICacheLevel> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return With(() => _cacheLevels.Add(create));
    }

    /// <summary>
    /// Has calls in Full answered as a question was that means the same, where the very same one was not kept: found by embeddings, and taken only if nothing in the two questions says that they
    /// differ. Off unless this is called; called again, the last one counts.
    /// </summary>
    /// <param name="embeddings">Embeds the questions; stays the caller's. A call that must stay local, or may go to certain targets only, is not embedded with it: who knows where it sends texts.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    /// <inheritdoc cref="UseSemanticCache(string, Action{SemanticCacheOptions}?)" path="/remarks"/>
    public HarborBuilder UseSemanticCache(IEmbeddingGenerator<string, Embedding<float>> embeddings, Action<SemanticCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        return UseSemanticCache(embeddings, null, configure);
    }

    /// <summary>The same with an embedding model of this client's own: a call of its own, to which limits, rules of what stays local and budgets apply as to any other.</summary>
    /// <param name="embeddingModel">An alias, <c>provider/model</c>, or a bare id. A call is only embedded by targets that may see it, and else not looked up by what it means.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// In configuration: <c>SemanticCache</c>, with an <c>EmbeddingModel</c> and any of the options.
    /// Applies to calls whose answers are kept (<see cref="CachePolicy.Auto"/>, <see cref="CachePolicy.Always"/>), that end with a text of the user's of up to 1,500 bytes, and have no tools,
    /// images or other contents. All else of the request has to be the same: model, target, options, instructions, earlier turns, tenant and scope. Numbers, units, negations, quotations,
    /// names and the order of common words have to be the same in both questions; words such as approve and deny must not stand against each other. That is known for English, German and
    /// Chinese; in other languages only numbers, names, symbols, quotations and the order count. An answer that is found so has its <see cref="HarborCallInfo.Similarity"/>.
    /// An embedding costs what it costs, and a wait of up to <see cref="SemanticCacheOptions.Timeout"/> before a call that is not answered so; its failure is never the call's.
    /// </remarks>
    public HarborBuilder UseSemanticCache(string embeddingModel, Action<SemanticCacheOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(embeddingModel);
        return UseSemanticCache(null, embeddingModel, configure);
    }

    private HarborBuilder UseSemanticCache(IEmbeddingGenerator<string, Embedding<float>>? embeddings, string? model, Action<SemanticCacheOptions>? configure) => With(() =>
    {
        _semantic = new SemanticCacheOptions();
        configure?.Invoke(_semantic);
        (_questionGenerator, _questionModel) = (embeddings, model);
    });

    /// <summary>Encrypts what is kept below the process's memory, by AES-256-GCM, each entry bound to its key. Called again it adds a key that only opens what it once sealed.</summary>
    /// <param name="keyId">What the key is called in the entries, where everybody can read it: 1 to 64 visible ASCII characters, no two alike.</param>
    /// <param name="key">32 random bytes, as of <c>RandomNumberGenerator.GetBytes(32)</c>; copied, and never logged.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// To replace a key, first add the new one behind the old one in all processes, then put it first, and take the old one away when what it sealed has expired. An entry whose key is not
    /// there, and one that is not encrypted, is as good as none. A key seals up to four billion entries. Keys of entries are not encrypted; those of chat answers are hashes.
    /// </remarks>
    /// <exception cref="HarborException">The key has not 32 bytes, or the id is not as it must be.</exception>
    public HarborBuilder UseCacheEncryption(string keyId, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        if (keyId.Length is 0 or > SealingKey.MostIdCharacters || keyId.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The key id of UseCacheEncryption must be 1 to {SealingKey.MostIdCharacters} visible ASCII characters (it has {keyId.Length}).");
        if (key.Length != SealingKey.KeyBytes)
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The key '{keyId}' of UseCacheEncryption must have {SealingKey.KeyBytes} bytes (it has {key.Length}).");
        if (_cacheKeys.Exists(known => known.Id == keyId))
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The key id '{keyId}' is given to UseCacheEncryption twice. Give every key an id of its own.");
        _cacheKeys.Add(new SealingKey(keyId, key));
        return this;
    }

    /// <summary>The client's own: it disposes it.</summary>
    internal PayloadSeal CreatePayloadSeal() => new([.. _cacheKeys.Select(key => key.Copy())]);

    /// <summary>The client's own: it disposes it, and the levels with it.</summary>
    private ResponseCache CreateCache(FastClientParts parts)
    {
        List<ICacheLevel> levels = [];
        try
        {
            foreach (Func<TimeProvider, ILoggerFactory, ICacheLevel> create in _cacheLevels)
                levels.Add(create(_time, _loggers) ?? throw ErrorFactory.Setting(ErrorKind.Configuration, "A function given to UseCacheLevel returned null instead of a level."));
            return new ResponseCache(parts.Cache, parts.MemoryCache, levels, CreatePayloadSeal(), parts.Time, parts.Random.NextDouble, parts.Logger)
            {
                Questions = parts.Semantic is { } semantic ? new SemanticIndex(semantic.MaximumEntries) : null,
            };
        }
        catch
        {
            foreach (ICacheLevel level in levels) _ = level.DisposeAsync().AsTask();
            throw;
        }
    }
}
