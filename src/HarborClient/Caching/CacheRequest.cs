using System.Text.Json.Serialization.Metadata;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>What a cache is to have before somebody asks: the answer to a chat, the embeddings of texts, or the value of one's own function. Immutable.</summary>
public sealed class CacheRequest
{
    private const int MostNameCharacters = 100;

    private CacheRequest(string name) => Name = name.Length <= MostNameCharacters ? name : name[..MostNameCharacters];

    /// <summary>What results, statuses and logs call it.</summary>
    /// <value>By default the model of a chat or of embeddings, and the key of a value; at most 100 characters.</value>
    public string Name { get; }

    internal IReadOnlyList<ChatMessage>? Messages { get; private init; }

    internal ChatOptions? Options { get; private init; }

    internal IReadOnlyList<string>? Texts { get; private init; }

    internal EmbeddingGenerationOptions? EmbeddingOptions { get; private init; }

    internal OwnEntry? Own { get; private init; }

    /// <summary>The answer to a prompt.</summary>
    /// <param name="prompt">The user's message.</param>
    /// <param name="options">Model and settings, as the calls will have them that are to find the answer; copied.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <returns>The request.</returns>
    public static CacheRequest Chat(string prompt, ChatOptions? options = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Chat([new ChatMessage(ChatRole.User, prompt)], options, name);
    }

    /// <summary>The answer to a conversation.</summary>
    /// <param name="messages">The conversation, as the calls will have it that are to find the answer; the list is copied, the messages are not.</param>
    /// <param name="options">Model and settings, as those calls will have them; copied. Functions are declared to the model and not called.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <returns>The request.</returns>
    public static CacheRequest Chat(IEnumerable<ChatMessage> messages, ChatOptions? options = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return new CacheRequest(name ?? options?.ModelId ?? "the default model") { Messages = [.. messages], Options = options?.Clone() };
    }

    /// <summary>The embeddings of texts, each of which is found by itself, whatever it is asked with.</summary>
    /// <param name="values">The texts, at least one; copied.</param>
    /// <param name="options">Model and settings, as the calls will have them that are to find the embeddings; copied.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <returns>The request.</returns>
    /// <exception cref="ArgumentException">There is no text, or one is null.</exception>
    public static CacheRequest Embeddings(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        if (texts.Length == 0 || Array.Exists(texts, text => text is null)) throw new ArgumentException("There are no texts, or one of them is null.", nameof(values));
        return new CacheRequest(name ?? options?.ModelId ?? "the default embedding model") { Texts = texts, EmbeddingOptions = options?.Clone() };
    }

    /// <summary>The value of one's own function, as <see cref="ResponseCache.GetOrCreateAsync"/> keeps it.</summary>
    /// <typeparam name="T">What the function makes.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="factory">Makes the value.</param>
    /// <param name="type">How it becomes JSON and back.</param>
    /// <param name="ttl">How long it is kept.</param>
    /// <param name="tags">By which it can be removed.</param>
    /// <param name="name">See <see cref="Name"/>; give one where the key says something of a person.</param>
    /// <returns>The request.</returns>
    /// <exception cref="HarborException">The key, the ttl or a tag is not as it must be (<see cref="ErrorKind.InvalidRequest"/>).</exception>
    public static CacheRequest Value<T>(
        string key, Func<CancellationToken, ValueTask<T>> factory, JsonTypeInfo<T> type, TimeSpan? ttl = null, IEnumerable<string>? tags = null, string? name = null)
    {
        OwnEntry.CheckKey(key);
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(type);
        return new CacheRequest(name ?? key) { Own = new OwnValue<T>(key, factory, type, ttl, tags) };
    }
}
