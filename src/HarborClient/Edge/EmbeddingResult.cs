using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>What an embedding call came to, before it is shown: a batch shares it out among its callers, and a split call joins several.</summary>
internal readonly record struct EmbeddingResult(float[][] Vectors, UsageDetails? Usage, string? Model, HarborCallInfo Info)
{
    internal GeneratedEmbeddings<Embedding<float>> Show()
    {
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(Vectors.Length) { Usage = Usage, AdditionalProperties = CallInfo.ToProperties(Info, Usage) };
        foreach (float[] vector in Vectors) embeddings.Add(new Embedding<float>(vector) { ModelId = Model });
        return embeddings;
    }
}
