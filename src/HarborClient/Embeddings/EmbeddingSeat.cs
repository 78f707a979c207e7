namespace HarborClient.Embeddings;

/// <summary>Where a text is in a request under way.</summary>
/// <param name="flight">The request.</param>
/// <param name="index">Its place among the request's texts.</param>
internal sealed class EmbeddingSeat(EmbeddingFlight flight, int index)
{
    private const int Nowhere = -1;

    internal EmbeddingFlight Flight => flight;

    /// <summary>To be read when the request is over.</summary>
    internal int Index { get; private set; } = index;

    /// <summary>The text is not in the request, or its vector not in the answer: whoever waits for it asks anew. Before the request is over.</summary>
    internal void Give() => Index = Nowhere;
}
