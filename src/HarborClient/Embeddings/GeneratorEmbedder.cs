using HarborClient.Caching;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Embeddings;

/// <summary>Has questions embedded by a generator of the user's, which may send them anywhere, or keep a thread busy.</summary>
internal sealed class GeneratorEmbedder(IEmbeddingGenerator<string, Embedding<float>> generator) : IQuestionEmbedder
{
    public async ValueTask<QuestionVector?> EmbedAsync(string question, CallSettings settings, CancellationToken cancellationToken)
    {
        if (settings.IsLocalOnly || settings.AllowedTargets is not null) return null;
        GeneratedEmbeddings<Embedding<float>> made = await Task.Run(() => generator.GenerateAsync([question], cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
        return made is [{ } embedding] ? QuestionVector.Of(embedding.Vector.Span, embedding.ModelId) : null;
    }
}
