using HarborClient.Caching;

namespace HarborClient.Pipeline.Stages;

/// <summary>What calls must have in common to share one answer under way: the request, who may be asked and in which order, and how the answer travels.</summary>
internal sealed class FlightKey(Call call, CacheKey key) : IEquatable<FlightKey>
{
    private readonly CacheKey _key = key;
    private readonly IReadOnlyList<Target> _targets = call.Targets;
    private readonly CallSettings _settings = call.Settings;
    private readonly bool _isStreaming = call.IsStreaming;
    private readonly bool _streamsUpstream = call.StreamsUpstream;

    public bool Equals(FlightKey? other) =>
        other is not null && _key == other._key && _isStreaming == other._isStreaming && _streamsUpstream == other._streamsUpstream && _settings.AsksLike(other._settings)
        && (ReferenceEquals(_targets, other._targets) || _targets.SequenceEqual(other._targets));

    public override bool Equals(object? obj) => Equals(obj as FlightKey);

    public override int GetHashCode() => _key.GetHashCode();
}
