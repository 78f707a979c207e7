using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HarborClient.Caching;

/// <inheritdoc/>
/// <typeparam name="T">What the function makes.</typeparam>
internal sealed class OwnValue<T> : OwnEntry
{
    private readonly Func<CancellationToken, ValueTask<T>> _factory;
    private readonly JsonTypeInfo<T> _type;
    private readonly string _key;

    internal OwnValue(string key, Func<CancellationToken, ValueTask<T>> factory, JsonTypeInfo<T> type, TimeSpan? ttl, IEnumerable<string>? tags) : base(key, ttl, tags) =>
        (_key, _factory, _type) = (key, factory, type);

    internal override Type Type => typeof(T);

    internal override async ValueTask<byte[]> MakeAsync(CancellationToken cancellationToken)
    {
        T value = await _factory(cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToUtf8Bytes(value, _type);
    }

    internal override bool CanRead(byte[] json) => TryRead(json, _type, out _);

    internal override OwnEntry WithTtl(TimeSpan ttl) => Ttl is null ? new OwnValue<T>(_key, _factory, _type, ttl, Tags) : this;

    /// <summary>What has just been made. A type that can be written and not read is the user's error, and told as it is.</summary>
    internal T Read(byte[] json) => JsonSerializer.Deserialize(json, _type)!;

    /// <summary>What was kept, perhaps by an earlier program, for another type.</summary>
    internal static bool TryRead(byte[] json, JsonTypeInfo<T> type, [MaybeNullWhen(false)] out T value)
    {
        try
        {
            value = JsonSerializer.Deserialize(json, type)!;
            return true;
        }
        catch (Exception)
        {
            // Whatever the type's converters throw at it: it is no value of this type, so the function is run.
            value = default;
            return false;
        }
    }
}
