using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HarborClient.Errors;

namespace HarborClient.Providers.Zhipu;

/// <summary>Signs the tokens of <see cref="ZhipuAuthentication.Token"/> and keeps each for as long as it is good. Thread-safe.</summary>
internal sealed class ZhipuTokens(TimeProvider time)
{
    /// <summary>How long Zhipu's own SDK lets a token live, and for how long it uses one: the rest is for clocks that differ and for slow requests.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(210);
    private static readonly TimeSpan ReusedFor = TimeSpan.FromSeconds(180);

    /// <summary>Keys that rotate would fill the memory; more than these are not in use at one time.</summary>
    private const int MaxKeys = 64;

    private const string Header = """{"alg":"HS256","sign_type":"SIGN"}""";

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<string, SignedToken> _tokens = new(StringComparer.Ordinal);

    /// <summary>The token for a key: the one at hand, or a new one.</summary>
    /// <exception cref="HarborException">The key is not one that signs (Configuration).</exception>
    internal string For(string key)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            // A token of the future was signed before the clock was set back.
            if (_tokens.TryGetValue(key, out SignedToken known) && now >= known.SignedAt && now - known.SignedAt < ReusedFor) return known.Text;
            string text = Sign(key, now);
            if (_tokens.Count >= MaxKeys) _tokens.Clear();
            _tokens[key] = new SignedToken(text, now);
            return text;
        }
    }

    /// <summary>The provider refused a token: the next attempt signs anew.</summary>
    internal void Forget()
    {
        lock (_gate) _tokens.Clear();
    }

    /// <summary>Whether a key can sign: two parts with a dot between them.</summary>
    /// <exception cref="HarborException">It cannot (Configuration).</exception>
    internal static int Check(string? key)
    {
        int dot = key?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (dot > 0 && dot < key!.Length - 1 && key.IndexOf('.', dot + 1) < 0) return dot;
        throw ErrorFactory.Setting(
            ErrorKind.Configuration,
            "A key of 'zhipu' is not of the form id.secret, so no token can be signed with it. Give the whole key, or set Zhipu.Authentication to Key.");
    }

    private static string Sign(string key, DateTimeOffset now)
    {
        int dot = Check(key);
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload))
        {
            // Milliseconds, where RFC 7519 has seconds.
            json.WriteStartObject();
            json.WriteString("api_key"u8, key.AsSpan(0, dot));
            json.WriteNumber("exp"u8, (now + Lifetime).ToUnixTimeMilliseconds());
            json.WriteNumber("timestamp"u8, now.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }

        string signed = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(Header))}.{Base64Url.EncodeToString(payload.WrittenSpan)}";
        byte[] signature = HMACSHA256.HashData(Encoding.ASCII.GetBytes(key[(dot + 1)..]), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private readonly record struct SignedToken(string Text, DateTimeOffset SignedAt);
}
