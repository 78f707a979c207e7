using HarborClient.Routing;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline;

/// <summary>What the caller asked for, the same for the root and all attempts. The list of messages is copied; messages and options are the caller's own.</summary>
internal sealed class CallRequest(ModelAlias alias, IReadOnlyList<Target> targets)
{
    // A request is a chat, texts to embed, or a service's: it has one kind of options, and one of these besides messages; a shadow is a chat that has its start.
    private readonly object? _subject;
    private readonly object? _options;

    internal required CallOperation Operation { get; init; }

    /// <summary>Whether it is a caller's request once more, for a target that is tried out: nobody waits for the answer.</summary>
    internal bool IsShadow => ShadowStart is not null;

    /// <summary>Of a shadow: ends when its caller's thread has left it, and it may be sent.</summary>
    internal Task? ShadowStart
    {
        get => _subject as Task;
        init => _subject = value;
    }

    internal required string RequestedModel { get; init; }

    /// <summary>The rules of the model's name.</summary>
    internal ModelAlias Alias { get; } = alias;

    /// <summary>In the order in which this call asks them.</summary>
    internal IReadOnlyList<Target> Targets { get; } = targets;

    internal IReadOnlyList<ChatMessage> Messages { get; init; } = [];

    internal ChatOptions? Options
    {
        get => _options as ChatOptions;
        init => _options = value;
    }

    /// <summary>What earlier calls for the same answer have used of the Total clock, which covers them all.</summary>
    internal TimeSpan Spent { get; init; }

    internal IReadOnlyList<string> Inputs
    {
        get => _subject as IReadOnlyList<string> ?? [];
        init => _subject = value;
    }

    /// <summary>Whether the last message is an unfinished answer, to be written on from where it stops.</summary>
    internal bool IsContinuation { get; private init; }

    /// <summary>The same request with what is there of its answer, to be continued.</summary>
    internal CallRequest Continuing(string answer, ChatOptions? options) => new(Alias, Targets)
    {
        Operation = Operation,
        RequestedModel = RequestedModel,
        Spent = Spent,
        Messages = [.. Messages, new ChatMessage(ChatRole.Assistant, answer)],
        Options = options,
        IsContinuation = true,
    };

    /// <summary>The same request of nobody: its caller may change the options from now on.</summary>
    internal CallRequest Detached() => new(Alias, Targets)
    {
        Operation = Operation,
        RequestedModel = RequestedModel,
        Messages = Messages,
        Options = Options?.Clone(),
        Spent = Spent,
    };

    /// <summary>The same request with other messages.</summary>
    internal CallRequest Saying(IReadOnlyList<ChatMessage> messages) => new(Alias, Targets)
    {
        Operation = Operation,
        RequestedModel = RequestedModel,
        Messages = messages,
        Options = Options,
        RawRepresentation = RawRepresentation,
    };

    /// <summary>The same request for other texts.</summary>
    internal CallRequest For(IReadOnlyList<string> inputs, EmbeddingGenerationOptions? options) => new(Alias, Targets)
    {
        Operation = Operation,
        RequestedModel = RequestedModel,
        Inputs = inputs,
        EmbeddingOptions = options,
        RawRepresentation = RawRepresentation,
    };

    internal EmbeddingGenerationOptions? EmbeddingOptions
    {
        get => _options as EmbeddingGenerationOptions;
        init => _options = value;
    }

    /// <summary>What a service is asked; null for chat and embeddings.</summary>
    internal ServiceInput? Service
    {
        get => _subject as ServiceInput;
        init => _subject = value;
    }

    /// <summary>What <see cref="ChatOptions.RawRepresentationFactory"/> made; it is called once per request, whatever the number of attempts.</summary>
    internal object? RawRepresentation { get; init; }
}
