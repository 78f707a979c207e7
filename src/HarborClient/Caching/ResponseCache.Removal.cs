using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>What is not to be delivered any more.</content>
public sealed partial class ResponseCache
{
    /// <summary>Removes the entry of a key that <see cref="GetOrCreateAsync"/> was given, from every level and every process.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>A task that completes when it is not delivered any more. Other processes hear of it through Redis, within milliseconds; one that does not goes on until the entry's time there is over.</returns>
    /// <exception cref="HarborException">A level could not be reached (<see cref="ErrorKind.Network"/>). This process does not use the entry any more, and repeats the removal until it can.</exception>
    public Task InvalidateAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return RemoveAsync(new CacheSelection(CacheSelectionKind.Key, OwnEntry.Space + key), cancellationToken);
    }

    /// <summary>Removes the answers to one request, of every target that it may go to, from every level and every process.</summary>
    /// <param name="messages">The conversation, as the calls have it that find the answer.</param>
    /// <param name="options">Model and settings, as those calls have them: another temperature, tenant or scope is another request. How the answer is delivered, labels and durations do not matter.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>A task that completes when they are not delivered any more. Calls that have asked already get what they asked for, and it is not kept. In another process's memory, answers of the same model go too that calls in Balanced have kept there.</returns>
    /// <remarks>With <see cref="HarborBuilder.UseSemanticCache(string, Action{SemanticCacheOptions}?)"/>, the answer to a similar question stays, and may answer this one.</remarks>
    /// <exception cref="HarborException">As of <see cref="InvalidateAsync"/>.</exception>
    public Task InvalidateChatAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<AnswerKey> keys = Locate(messages, options);
        CacheSelection[] selections = [.. keys.Select(key => new CacheSelection(CacheSelectionKind.Key, key.Name))];

        // First noted: what was asked for before is not kept when it arrives.
        foreach (CacheSelection selection in selections) _removals.Add(selection, isDone: true);
        foreach (AnswerKey key in keys) _memory.Remove(key.Key);
        return RemoveBelowAsync(selections, cancellationToken);
    }

    /// <summary>Removes all entries with a tag, from every level and every process.</summary>
    /// <param name="tag">One given to <see cref="GetOrCreateAsync"/>; a label <c>name = value</c> of a call's <see cref="HarborChatOptions.Tags"/> is the tag <c>name=value</c>.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>A task that completes when they are not delivered any more.</returns>
    /// <exception cref="HarborException">As of <see cref="InvalidateAsync"/>.</exception>
    public Task InvalidateTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return RemoveAsync(new CacheSelection(CacheSelectionKind.Tag, tag), cancellationToken);
    }

    /// <summary>Removes all entries of a user's own whose key begins in a way, from every level and every process.</summary>
    /// <param name="prefix">The beginning; empty for all.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>A task that completes when they are not delivered any more.</returns>
    /// <exception cref="HarborException">As of <see cref="InvalidateAsync"/>.</exception>
    public Task InvalidatePrefixAsync(string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, OwnEntry.Space + prefix), cancellationToken);
    }

    /// <summary>Removes all answers and embeddings of a model, or of a whole provider, from every level and every process.</summary>
    /// <param name="target"><c>provider/model</c>, or a provider's name alone.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>A task that completes when they are not delivered any more.</returns>
    /// <exception cref="HarborException">As of <see cref="InvalidateAsync"/>.</exception>
    public Task InvalidateModelAsync(string target, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        string end = target.Contains('/') ? ":" : "/";
        return RemoveAsync([new(CacheSelectionKind.Prefix, $"chat:{target}{end}"), new(CacheSelectionKind.Prefix, $"embed:{target}{end}")], cancellationToken);
    }

    /// <summary>How the keys of a chat are found; the cache knows no call.</summary>
    internal Func<IEnumerable<ChatMessage>, ChatOptions?, List<AnswerKey>> Locate { get; set; } = static (_, _) => throw new InvalidOperationException("Nobody has told the cache where answers lie.");

    private Task RemoveAsync(CacheSelection selection, CancellationToken cancellationToken) => RemoveAsync([selection], cancellationToken);

    private Task RemoveAsync(CacheSelection[] selections, CancellationToken cancellationToken)
    {
        foreach (CacheSelection selection in selections)
        {
            // First noted: what was asked for before is not kept when it arrives.
            _removals.Add(selection, isDone: true);
            _own.Forget(selection);
            _memory.RemoveWhere(selection);
        }

        return RemoveBelowAsync(selections, cancellationToken);
    }

    /// <summary>From all levels, whatever fails at one.</summary>
    private async Task RemoveBelowAsync(CacheSelection[] selections, CancellationToken cancellationToken)
    {
        List<Exception>? failures = null;
        foreach (GuardedLevel level in _levels)
        {
            foreach (CacheSelection selection in selections)
            {
                try
                {
                    await level.RemoveAsync(selection, cancellationToken).ConfigureAwait(false);
                }
                catch (HarborException e)
                {
                    (failures ??= []).Add(e);
                }
            }
        }

        if (failures is [var only]) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(only);
        if (failures is not null) throw new HarborException(ErrorKind.Network, string.Join(' ', failures.Select(failure => failure.Message)), new AggregateException(failures)) { IsTransient = true };
    }

    /// <summary>Another process has removed entries, or may have while nobody heard of it: then nothing in memory is sure any more.</summary>
    private void OnRemovedElsewhere(CacheSelection? selection)
    {
        _own.Forget(selection);
        if (selection is { } known)
        {
            _removals.Add(known, isDone: true);
            _memory.RemoveWhere(known);
        }
        else
        {
            _memory.Clear();
        }
    }
}
