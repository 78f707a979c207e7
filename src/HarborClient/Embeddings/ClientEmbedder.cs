using HarborClient.Caching;
using HarborClient.Edge;
using HarborClient.Pipeline;

namespace HarborClient.Embeddings;

/// <summary>Has questions embedded by the client itself, as calls of those whose questions they are.</summary>
/// <param name="model">The model.</param>
/// <param name="batcher">Asks it; made after this.</param>
internal sealed class ClientEmbedder(string model, Func<EmbeddingBatcher> batcher) : IQuestionEmbedder
{
    public async ValueTask<QuestionVector?> EmbedAsync(string question, CallSettings settings, CancellationToken cancellationToken)
    {
        EmbeddingResult? made = await batcher().RunForAsync(model, question, settings, cancellationToken).ConfigureAwait(false);
        return made is { Vectors: [var vector] } result ? QuestionVector.Of(vector, result.Model) : null;
    }
}
