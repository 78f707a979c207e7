using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Routing;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>
/// Makes the calls of one client: finds the targets of a model name, lays the settings over each other, and chooses the pipeline. Everything that asks a
/// provider begins here, what lies above the pipeline (tools, batches, typed answers) included. Thread-safe.
/// </summary>
internal sealed class CallFactory(
    FastClient client, CallServices services, CallSettings settings, ModelResolver models, PipelineStage[] pipelines, string? defaultModel, string? defaultEmbeddingModel)
{
    internal CallServices Services => services;

    /// <summary>A chat call. Messages are enumerated once and copied: a caller goes on with its list while the call runs. What was spent of the Total clock before is taken off it.</summary>
    internal (Call Call, PipelineStage Pipeline) BeginChat(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreaming, CancellationToken cancellationToken, TimeSpan spent = default)
    {
        string model = options?.ModelId ?? defaultModel ?? throw NoModel("chat", nameof(HarborBuilder.UseDefaultModel));
        ModelAlias alias = models.Resolve(model);
        CallSettings own = CallSettings.Resolve(settings, alias.Defaults, options as HarborChatOptions, options?.AdditionalProperties);
        ChatMessage[] copied = [.. messages];
        if (Array.Exists(copied, message => message is null)) throw new ArgumentException("One of the messages is null.", nameof(messages));
        var request = new CallRequest
        {
            Operation = CallOperation.Chat,
            RequestedModel = model,
            Targets = alias.Targets,
            Messages = copied,
            Options = options,
            Spent = spent,
            RawRepresentation = options?.RawRepresentationFactory?.Invoke(client),
        };
        return Begin(request, own, isStreaming, cancellationToken);
    }

    /// <summary>An embedding call for texts of which there is at least one and none is null.</summary>
    internal (Call Call, PipelineStage Pipeline) BeginEmbeddings(IReadOnlyList<string> inputs, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        string model = options?.ModelId ?? defaultEmbeddingModel ?? throw NoModel("embedding", nameof(HarborBuilder.UseDefaultEmbeddingModel));
        ModelAlias alias = models.Resolve(model);
        CallSettings own = CallSettings.Resolve(settings, alias.Defaults, null, options?.AdditionalProperties);
        var request = new CallRequest
        {
            Operation = CallOperation.Embed,
            RequestedModel = model,
            Targets = alias.Targets,
            Inputs = inputs,
            EmbeddingOptions = options,
            RawRepresentation = options?.RawRepresentationFactory?.Invoke(client),
        };
        return Begin(request, own, isStreaming: false, cancellationToken);
    }

    /// <summary>A call that is ready to run, with the pipeline of its mode.</summary>
    internal (Call Call, PipelineStage Pipeline) Begin(CallRequest request, CallSettings own, bool isStreaming, CancellationToken cancellationToken)
    {
        if (services.Shutdown.IsCancellationRequested) ErrorFactory.ThrowDisposed();
        return (new Call(services, request, own, isStreaming, cancellationToken), pipelines[(int)own.Mode]);
    }

    private static HarborException NoModel(string what, string setting) =>
        ErrorFactory.Setting(ErrorKind.Configuration, $"The {what} call names no model and the client has no default: set ModelId in its options, or call {setting} when building the client.");
}
