using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Routing;
using HarborClient.Tokens;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>
/// Makes the calls of one client: finds the targets of a model name, lays the settings over each other, and chooses the pipeline. Everything that asks a
/// provider begins here, what lies above the pipeline (tools, batches, typed answers) included. Thread-safe.
/// </summary>
internal sealed partial class CallFactory(
    FastClient client, CallServices services, CallSettings settings, ModelResolver models, TokenEstimator tokens, PipelineStage[] pipelines, string? defaultModel, string? defaultEmbeddingModel)
{
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromMilliseconds(100);

    internal CallServices Services => services;

    /// <summary>A chat call. Messages are enumerated once and copied: a caller goes on with its list while the call runs. What was spent of the Total clock before is taken off it.</summary>
    internal (Call Call, PipelineStage Pipeline) BeginChat(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreaming, CancellationToken cancellationToken, TimeSpan spent = default)
    {
        (CallRequest request, CallSettings own) = Prepare(messages, options, CallOperation.Chat, spent);
        (Call call, PipelineStage pipeline) = Begin(request, own, isStreaming, cancellationToken);
        tokens.Watch(call);
        return (call, pipeline);
    }

    /// <summary>What is asked when tokens are counted: messages and settings of a chat, at the one target that would be asked first.</summary>
    internal (CallRequest Request, CallSettings Settings) PrepareCount(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        (CallRequest request, CallSettings own) = Prepare(messages, options, CallOperation.CountTokens);
        if (services.Shutdown.IsCancellationRequested) ErrorFactory.ThrowDisposed();
        return (request, own);
    }

    private (CallRequest Request, CallSettings Settings) Prepare(
        IEnumerable<ChatMessage> messages, ChatOptions? options, CallOperation operation, TimeSpan spent = default, HarborChatOptions? own = null)
    {
        string model = options?.ModelId ?? defaultModel ?? throw NoModel("chat", nameof(HarborBuilder.UseDefaultModel));
        ModelAlias alias = models.Resolve(model);
        CallSettings settled = CallSettings.Resolve(settings, alias.Defaults, own ?? options as HarborChatOptions, options?.AdditionalProperties);
        ChatMessage[] copied = [.. messages];
        if (Array.Exists(copied, message => message is null)) throw new ArgumentException("One of the messages is null.", nameof(messages));
        var request = new CallRequest(alias, operation == CallOperation.CountTokens ? [settled.Permitted(alias.Targets, model)[0]] : TargetsOf(alias, settled))
        {
            Operation = operation,
            RequestedModel = model,
            Messages = copied,
            Options = options,
            Spent = spent,
            RawRepresentation = options?.RawRepresentationFactory?.Invoke(client),
        };
        return (request, settled);
    }

    /// <summary>A call of a service, which takes no longer than the limit. Of the options only the client's own settings count, except in a chat that runs as a job.</summary>
    internal (Call Call, PipelineStage Pipeline) BeginService(
        CallOperation operation, string service, ServiceInput input, ChatOptions? options, CancellationToken cancellationToken, IEnumerable<ChatMessage>? messages = null, TimeSpan? limit = null)
    {
        ModelAlias alias = models.Resolve(service);
        CallSettings own = CallSettings.Resolve(settings, alias.Defaults, options as HarborChatOptions, options?.AdditionalProperties);
        if (limit is { } most && (own.TotalTimeout == Timeout.InfiniteTimeSpan || own.TotalTimeout > most))
        {
            HarborChatOptions bounded = (options as HarborChatOptions)?.Clone() as HarborChatOptions ?? new HarborChatOptions { AdditionalProperties = options?.AdditionalProperties };

            // The shortest clock there is; the job's own end comes a moment later.
            bounded.TotalTimeout = most > ShortestLimit ? most : ShortestLimit;
            own = CallSettings.Resolve(settings, alias.Defaults, bounded, bounded.AdditionalProperties);
        }

        ChatMessage[] copied = [.. messages ?? []];
        if (Array.Exists(copied, message => message is null)) throw new ArgumentException("One of the messages is null.", nameof(messages));
        bool isChat = input is { Kind: ServiceKind.Chat, JobId: null };
        var request = new CallRequest(alias, TargetsOf(alias, own))
        {
            Operation = operation,
            RequestedModel = service,
            Service = input,
            Messages = copied,
            Options = isChat ? options : null,
            RawRepresentation = isChat ? options?.RawRepresentationFactory?.Invoke(client) : null,
        };
        return Begin(request, own, isStreaming: false, cancellationToken);
    }

    /// <summary>How long one request of a job may take by these settings.</summary>
    internal TimeSpan TotalTimeoutOf(HarborChatOptions? options) => CallSettings.Resolve(settings, null, options, options?.AdditionalProperties).TotalTimeout;

    /// <summary>The one target of a name; a job lives in one place.</summary>
    internal Target SingleTarget(string model) => models.Resolve(model).Targets is [var only]
        ? only
        : throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"'{ErrorFactory.Quote(model, 200)}' has several targets, and a job lives at one: give the job's own Model, as in 'zhipu/cogvideox-3'.");

    private IReadOnlyList<Target> TargetsOf(ModelAlias alias, CallSettings own) => alias.TargetsFor(own.User, own.Affinity, services.Random.Next);

    /// <summary>A call that is ready to run, with the pipeline of its mode.</summary>
    internal (Call Call, PipelineStage Pipeline) Begin(CallRequest request, CallSettings own, bool isStreaming, CancellationToken cancellationToken)
    {
        if (services.Shutdown.IsCancellationRequested) ErrorFactory.ThrowDisposed();
        PipelineStage pipeline = pipelines[(int)own.Mode];
        if (own.Cache == CachePolicy.Only && (request.Operation is not (CallOperation.Chat or CallOperation.Embed) || ReachOf(own) == CacheReach.None)) throw NoCache(request, own);
        return (new Call(services, request, own, isStreaming, cancellationToken), pipeline);
    }

    internal static HarborException NoModel(string what, string setting) =>
        ErrorFactory.Setting(ErrorKind.Configuration, $"The {what} call names no model and the client has no default: set ModelId in its options, or call {setting} when building the client.");
}
