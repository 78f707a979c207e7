using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using HarborClient.Caching;
using HarborClient.Pools;
using HarborClient.Providers;

namespace HarborClient.Pipeline.Stages;

// Hot path: once per call that may be cached, over its whole request.

/// <summary>
/// The keys of requests: hashes over the bytes that would be sent to one target, and over whom they are shared with. Complete by construction, since whatever a provider writes is in
/// them; what does not change an answer is left out by the draft (<see cref="Call.IsDraft"/>). Thread-safe.
/// </summary>
internal sealed class RequestKeys(Dictionary<string, Provider> providers) : ICacheKeys
{
    /// <summary>Of the bytes that are hashed. A change makes what was kept before unreachable.</summary>
    private const byte Version = 1;

    private const int InitialBytes = 1024;

    /// <summary>Whether a chat always has the same answer, as far as one can ask for that: a temperature of 0, or a seed.</summary>
    internal bool IsDeterministic(Call call, Target target) =>
        call.Options is { Seed: not null } || (call.Options?.Temperature ?? providers[target.Provider].Setup.Defaults.Temperature) == 0;

    /// <summary>The request as it would be sent to the target; whoever asks releases it. Null where it cannot be written, which its own attempt will say.</summary>
    internal PooledBody? Write(CallServices services, CallRequest request, CallSettings settings, Target target)
    {
        Call draft = Call.DraftOf(services, request, settings, target);
        var body = new PooledBody(services.Counters, InitialBytes);
        try
        {
            body.Write(PrefixOf(target, request.Operation));
            WriteScope(body, settings.Tenant);
            WriteScope(body, settings.CacheScope);
            providers[target.Provider].Write(draft, body);
            return body;
        }
        catch (Exception)
        {
            // Whatever a caller's converters throw, or a provider that cannot do what is asked: the attempt writes the same request, and fails with it.
            body.Release();
            return null;
        }
    }

    public CacheUse? UseOf(CallServices services, CallRequest request, CallSettings settings, Target target, bool isNamed)
    {
        if (Write(services, request, settings, target) is not { } body) return null;
        try
        {
            return new CacheUse(KeyOf(body), target, isNamed ? NameOf(target, request.Operation, body) : null);
        }
        finally
        {
            body.Release();
        }
    }

    /// <summary>The key in this process's memory.</summary>
    internal static CacheKey KeyOf(PooledBody body)
    {
        if (body.IsArray(out ArraySegment<byte> array)) return new CacheKey(KeyHash.Of(array));
        var hash = new KeyHash();
        foreach (ReadOnlyMemory<byte> piece in body.Content) hash.Append(piece.Span);
        return new CacheKey(hash.Result());
    }

    /// <summary>The key in the levels below: what it is of, and the SHA-256 of the request.</summary>
    internal static string NameOf(Target target, CallOperation operation, PooledBody body)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (body.IsArray(out ArraySegment<byte> array))
        {
            SHA256.HashData(array, digest);
        }
        else
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (ReadOnlyMemory<byte> piece in body.Content) hash.AppendData(piece.Span);
            hash.GetHashAndReset(digest);
        }

        return string.Concat(SpaceOf(target, operation), Base64Url.EncodeToString(digest));
    }

    /// <summary>What all keys of a target begin with.</summary>
    internal static string SpaceOf(Target target, CallOperation operation) =>
        operation == CallOperation.Embed ? target.EmbeddingSpace ??= $"embed:{target.Name}:" : target.ChatSpace ??= $"chat:{target.Name}:";

    /// <summary>What every request to a target has in common: where it goes, and with which configured headers.</summary>
    private byte[] PrefixOf(Target target, CallOperation operation)
    {
        byte[] prefix = target.KeyPrefix ??= MakePrefix(target);
        return operation == CallOperation.Embed ? target.EmbeddingKeyPrefix ??= [.. prefix, (byte)operation] : prefix;
    }

    private byte[] MakePrefix(Target target)
    {
        var text = new StringBuilder();
        text.Append((char)Version);
        Append(text, target.Name);
        Append(text, target.Endpoint.AbsoluteUri);
        foreach ((string name, string value) in providers[target.Provider].Headers)
        {
            Append(text, name);
            Append(text, value);
        }

        text.Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Append(StringBuilder text, string part) => text.Append((char)(1 + part.Length)).Append(part);

    private static void WriteScope(PooledBody body, string? scope)
    {
        Span<byte> length = body.GetSpan(sizeof(int));
        MemoryMarshal.Write(length, scope?.Length ?? -1);
        body.Advance(sizeof(int));
        if (scope is not null) body.Write(MemoryMarshal.AsBytes(scope.AsSpan()));
    }
}
