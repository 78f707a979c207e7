using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using HarborClient.Caching;
using HarborClient.Providers;

namespace HarborClient.Pipeline.Stages;

// Hot path: once per call that may be cached, over its whole request.

/// <summary>
/// The keys of requests: hashes over the bytes that would be sent to one target, and over whom they are shared with. Complete by construction, since whatever a provider writes is in
/// them; what does not change an answer is left out by the draft (<see cref="Call.IsDraft"/>). Thread-safe.
/// </summary>
internal sealed class RequestKeys(Dictionary<string, Provider> providers) : ICacheKeys
{
    /// <summary>Of the bytes that are hashed. A change makes what was kept before unreachable. Never 0: keys of users' own values begin with that.</summary>
    private const byte Version = 1;

    /// <summary>Whether a chat always has the same answer, as far as one can ask for that: a temperature of 0, or a seed.</summary>
    internal bool IsDeterministic(Call call, Target target) =>
        call.Options is { Seed: not null } || (call.Options?.Temperature ?? providers[target.Provider].Setup.Defaults.Temperature) == 0;

    /// <summary>What all keys of a target begin with.</summary>
    internal static string SpaceOf(Target target, CallOperation operation) =>
        operation == CallOperation.Embed ? target.EmbeddingSpace ??= $"embed:{target.Name}:" : target.ChatSpace ??= $"chat:{target.Name}:";

    public CacheUse? UseOf(CallServices services, CallRequest request, CallSettings settings, Target target, bool isNamed)
    {
        KeyScratch? scratch = Write(services, request, settings, target, isNamed);
        if (scratch is null) return null;
        var use = new CacheUse(scratch.Key(), target, isNamed ? NameOf(scratch, target, request.Operation) : null);
        scratch.Return();
        return use;
    }

    /// <summary>Writes the request as it would be sent to the target; whoever asks returns the scratch. Null where it cannot be written, which its own attempt will say.</summary>
    internal KeyScratch? Write(CallServices services, CallRequest request, CallSettings settings, Target target, bool isNamed)
    {
        KeyScratch scratch = KeyScratch.Rent(services, request, settings, target, isNamed);
        try
        {
            scratch.Write(PrefixOf(target, request.Operation));
            WriteScope(scratch, settings.Tenant);
            WriteScope(scratch, settings.CacheScope);
            providers[target.Provider].Write(scratch.Draft, scratch);
            return scratch;
        }
        catch (Exception)
        {
            // Whatever a caller's converters throw, or a provider that cannot do what is asked: the attempt writes the same request, and fails with it.
            scratch.Return();
            return null;
        }
    }

    /// <summary>The key of all of a chat but its last question, at a target; null where it cannot be written.</summary>
    internal CacheKey? ContextOf(CallServices services, CallRequest request, CallSettings settings, Target target)
    {
        KeyScratch? scratch = Write(services, SemanticRequest.WithoutQuestion(request), settings, target, isNamed: false);
        if (scratch is null) return null;
        CacheKey key = scratch.Key();
        scratch.Return();
        return key;
    }

    /// <summary>The key in the levels below: what it is of, and the SHA-256 of the request.</summary>
    internal static string NameOf(KeyScratch scratch, Target target, CallOperation operation)
    {
        Span<byte> digest = stackalloc byte[KeyScratch.DigestBytes];
        scratch.Digest(digest);
        return string.Concat(SpaceOf(target, operation), Base64Url.EncodeToString(digest));
    }

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

    private static void WriteScope(KeyScratch scratch, string? scope)
    {
        int length = scope?.Length ?? -1;
        scratch.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
        if (scope is not null) scratch.Write(MemoryMarshal.AsBytes(scope.AsSpan()));
    }
}
