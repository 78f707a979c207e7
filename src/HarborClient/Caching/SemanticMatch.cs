namespace HarborClient.Caching;

/// <summary>A question that was answered and is near.</summary>
/// <param name="Entry">The question.</param>
/// <param name="Similarity">The cosine of the two embeddings.</param>
internal readonly record struct SemanticMatch(SemanticEntry Entry, float Similarity);
