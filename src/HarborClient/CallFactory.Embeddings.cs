using HarborClient.Pipeline;
using HarborClient.Routing;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Calls that embed texts.</content>
internal sealed partial class CallFactory
{
    /// <summary>What is asked for texts of which there is at least one and none is null.</summary>
    /// <param name="inputs">The texts.</param>
    /// <param name="options">The caller's.</param>
    /// <param name="of">Settings of the call that the texts are of: for whom it is, and who may see it, holds for them too.</param>
    internal (CallRequest Request, CallSettings Settings) PrepareEmbeddings(IReadOnlyList<string> inputs, EmbeddingGenerationOptions? options, CallSettings? of = null)
    {
        string model = options?.ModelId ?? defaultEmbeddingModel ?? throw NoModel("embedding", nameof(HarborBuilder.UseDefaultEmbeddingModel));
        ModelAlias alias = models.ResolveEmbedding(model);
        CallSettings own = CallSettings.Resolve(settings, alias.Defaults, of?.Belongings(), options?.AdditionalProperties);
        if (of is { IsLocalOnly: true }) own = own.AtHome();
        var request = new CallRequest(alias, TargetsOf(alias, own))
        {
            Operation = CallOperation.Embed,
            RequestedModel = model,
            Inputs = inputs,
            EmbeddingOptions = options,
            RawRepresentation = options?.RawRepresentationFactory?.Invoke(client),
        };
        return (request, own);
    }
}
