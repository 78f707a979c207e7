using System.Text.Json;
using HarborClient.Costs;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>
/// The token counts of one answer. A stream reports them twice or more: the latest value of each field counts, null changes nothing, and what was never
/// reported stays null. One per answer, which counts in it: never copied.
/// </summary>
internal struct ClaudeUsage()
{
    /// <summary>Requests of server tools are counted by tool; there are a handful of tools.</summary>
    private const int MaxTools = 16;

    /// <summary>Counts are never negative. Half the size of a nullable one.</summary>
    private const long NotReported = -1;

    private long _input = NotReported;
    private long _read = NotReported;
    private long _written = NotReported;
    private long _shortWritten = NotReported;
    private long _longWritten = NotReported;
    private long _output = NotReported;
    private long _thinking = NotReported;
    private ClaudeTerms? _terms;

    // What has no member of its own in UsageDetails. Shared by all that report the same; made anew when a count changes.
    private AdditionalPropertiesDictionary<long>? _counts;

    /// <summary>What the host says of the request beside its counts, where it differs from the usual; null otherwise.</summary>
    internal readonly ClaudeTerms? Terms => _terms;

    /// <summary>From the property name; false for anything but an object.</summary>
    internal bool Read(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return false;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "input_tokens"u8)) Take(ref json, ref _input);
            else if (JsonLenient.Is(ref json, "output_tokens"u8)) Take(ref json, ref _output);
            else if (JsonLenient.Is(ref json, "cache_read_input_tokens"u8)) Take(ref json, ref _read);
            else if (JsonLenient.Is(ref json, "cache_creation_input_tokens"u8)) TakeListed(ref json, ref _written);
            else if (JsonLenient.Is(ref json, "cache_creation"u8) || JsonLenient.Is(ref json, "output_tokens_details"u8)) ReadDetails(ref json);
            else if (JsonLenient.Is(ref json, "server_tool_use"u8)) ReadRequests(ref json);
            else if (JsonLenient.Is(ref json, "service_tier"u8)) ReadTerm(ref json, "service_tier", "standard"u8);
            else if (JsonLenient.Is(ref json, "inference_geo"u8)) ReadTerm(ref json, "inference_geo", "global"u8);
            else if (JsonLenient.Is(ref json, "speed"u8)) ReadTerm(ref json, "speed", "standard"u8);
            else JsonLenient.SkipValue(ref json);
        }

        return true;
    }

    internal UsageDetails ToDetails()
    {
        // Claude counts what it read from and wrote to its cache beside the input; here they are a part of it.
        long written = _written != NotReported ? _written : Sum(Math.Max(_shortWritten, 0), Math.Max(_longWritten, 0));
        bool hasInput = _input != NotReported || _read != NotReported || written > 0 || _written != NotReported;
        long? input = hasInput ? Sum(Sum(Math.Max(_input, 0), Math.Max(_read, 0)), written) : null;
        long? output = Reported(_output);
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input is { } whole && output is { } more ? Sum(whole, more) : null,
            CachedInputTokenCount = Reported(_read),
            ReasoningTokenCount = Reported(_thinking),
            AdditionalCounts = _counts ??= Counts(),
        };
    }

    private readonly AdditionalPropertiesDictionary<long>? Counts()
    {
        AdditionalPropertiesDictionary<long>? counts = null;
        if (_written == NotReported && (_shortWritten > 0 || _longWritten > 0)) Add(ref counts, UsageCounts.CacheWrite, Sum(Math.Max(_shortWritten, 0), Math.Max(_longWritten, 0)));
        Add(ref counts, UsageCounts.CacheWrite, _written);
        Add(ref counts, UsageCounts.CacheWriteFiveMinutes, _shortWritten);
        Add(ref counts, UsageCounts.CacheWriteOneHour, _longWritten);
        if (_terms?.Requests is not { } requests) return counts;
        foreach ((string tool, long count) in requests) Add(ref counts, tool, count);
        return counts;
    }

    private void ReadDetails(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "ephemeral_5m_input_tokens"u8)) TakeListed(ref json, ref _shortWritten);
            else if (JsonLenient.Is(ref json, "ephemeral_1h_input_tokens"u8)) TakeListed(ref json, ref _longWritten);
            else if (JsonLenient.Is(ref json, "thinking_tokens"u8)) Take(ref json, ref _thinking);
            else JsonLenient.SkipValue(ref json);
        }
    }

    /// <summary>Counts such as <c>web_search_requests</c>, which are paid for one by one; they keep their names.</summary>
    private void ReadRequests(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = JsonLenient.CurrentText(ref json) ?? "";
            if (JsonLenient.Count(ref json) is not { } number) continue;
            Dictionary<string, long> requests = (_terms ??= new ClaudeTerms()).Requests ??= [];
            if (!requests.ContainsKey(name) && requests.Count == MaxTools) continue;
            requests[name] = number;
            _counts = null;
        }
    }

    /// <summary>Words that change the price; the usual ones are on nearly every answer, and are not kept.</summary>
    private void ReadTerm(ref Utf8JsonReader json, string name, ReadOnlySpan<byte> usual)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String || JsonLenient.Is(ref json, usual) || JsonLenient.Is(ref json, "not_available"u8))
        {
            json.Skip();
            return;
        }

        if (JsonLenient.CurrentText(ref json) is { Length: > 0 and <= ClaudeTerms.MaxCharacters } word) (_terms ??= new ClaudeTerms()).Set(name, word);
    }

    /// <summary>Counts are never negative; what is, is not a count.</summary>
    private static void Take(ref Utf8JsonReader json, ref long place)
    {
        if (JsonLenient.Count(ref json) is { } count) place = count;
    }

    private void TakeListed(ref Utf8JsonReader json, ref long place)
    {
        long before = place;
        Take(ref json, ref place);
        if (place != before) _counts = null;
    }

    private static long? Reported(long count) => count == NotReported ? null : count;

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private static void Add(ref AdditionalPropertiesDictionary<long>? counts, string name, long count)
    {
        if (count != NotReported) (counts ??= [])[name] = count;
    }
}
