using System.Text.Json;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Embeddings;

/// <summary>What calls must have in common to share a request: all of their options, and all of their settings but the duration.</summary>
internal sealed class BatchKey(CallSettings settings, EmbeddingGenerationOptions? options) : IEquatable<BatchKey>
{
    private readonly CallSettings _settings = settings;
    private readonly int? _dimensions = options?.Dimensions;
    private readonly KeyValuePair<string, object?>[] _properties = [.. (options?.AdditionalProperties ?? []).Where(property => !HarborProperties.IsOurs(property.Key))];

    public bool Equals(BatchKey? other)
    {
        if (other is null || _dimensions != other._dimensions || _properties.Length != other._properties.Length || !_settings.IsLike(other._settings)) return false;
        for (int i = 0; i < _properties.Length; i++)
        {
            // In another order they are another key: two requests where one would do, and never one where two are needed.
            if (_properties[i].Key != other._properties[i].Key || !IsSame(_properties[i].Value, other._properties[i].Value)) return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as BatchKey);

    public override int GetHashCode() => HashCode.Combine(_dimensions, _properties.Length, _settings.Tenant, _settings.User, _settings.CacheScope);

    private static bool IsSame(object? one, object? other) =>
        one is JsonElement json && other is JsonElement otherJson ? JsonElement.DeepEquals(json, otherJson) : Equals(one, other);
}
