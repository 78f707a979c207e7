using System.Text.Json;
using HarborClient.Costs;
using HarborClient.Providers.OpenAICompatible;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Zhipu;

// Hot path: every event of a stream; what is added to the family's reader is rare.

/// <summary>Reads Zhipu's answers: the family's, with the results of its web search, what its content filter says, and an answer that broke on their side.</summary>
internal sealed class ZhipuAnswerParser(ChatDialect dialect, Provider provider, Call attempt) : ChatAnswerParser(dialect)
{
    /// <summary>Several times what a search can be asked for; the rest would only fill the memory.</summary>
    private const int MaxCitations = 200;

    /// <summary>One for each role that it judges, with room to spare.</summary>
    private const int MaxFilterNotes = 16;

    private const string BrokenWord = "network_error";

    private readonly ChatDialect _dialect = dialect;
    private List<AIAnnotation>? _citations;
    private UsageDetails? _usage;
    private int _filterNotes;
    private bool _isBroken;

    private protected override bool ReadMember(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (JsonLenient.Is(ref json, "web_search"u8)) ReadSearch(ref json, batch);
        else if (JsonLenient.Is(ref json, "content_filter"u8) || JsonLenient.Is(ref json, "contentFilter"u8)) ReadFilter(ref json, batch);
        else if (JsonLenient.Is(ref json, "request_id"u8)) TakeRequestId(JsonLenient.Text(ref json));
        else if (JsonLenient.Is(ref json, "success"u8)) ThrowIfFailed(ref json, data);
        else return false;
        return true;
    }

    /// <summary>Its search is paid for by the request that uses it; the results come before the counts in a stream, and may come after them in a plain answer.</summary>
    private protected override UsageDetails? Complete(UsageDetails? usage)
    {
        _usage = usage ?? _usage;
        if (_citations is null || _usage is null || (usage is null && _usage.AdditionalCounts?.ContainsKey(UsageCounts.WebSearches) == true)) return usage;
        (_usage.AdditionalCounts ??= [])[UsageCounts.WebSearches] = 1;
        return _usage;
    }

    private protected override bool IsEnd(string finish)
    {
        _isBroken |= finish == BrokenWord;
        return finish != BrokenWord;
    }

    private protected override void Finish(UpdateBatch batch)
    {
        if (_isBroken)
        {
            throw new HarborException(ErrorKind.Interrupted, $"The answer of {attempt.Target!.Name} ended early: the provider broke it off ({BrokenWord}).")
            {
                IsTransient = true,
                ProviderCode = BrokenWord,
            };
        }

        base.Finish(batch);

        // At the end, because they belong to the whole text and may come before it.
        if (_citations is not null) batch.Add(new HarborUpdate(HarborUpdateKind.Text, _citations));
    }

    /// <summary>For answers without the header.</summary>
    private void TakeRequestId(string? id) => attempt.RequestId ??= provider.ShownId(id, attempt);

    private void ReadSearch(ref Utf8JsonReader json, UpdateBatch batch)
    {
        batch.DoesMore();
        if (!JsonLenient.IsArray(ref json)) return;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject && (_citations is null || _citations.Count < MaxCitations)) (_citations ??= []).Add(ReadCitation(ref json));
            else json.Skip();
        }
    }

    private static CitationAnnotation ReadCitation(ref Utf8JsonReader json)
    {
        Utf8JsonReader whole = json;
        var citation = new CitationAnnotation { ToolName = "web_search", RawRepresentation = JsonElement.ParseValue(ref whole) };
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "title"u8)) citation.Title = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "content"u8)) citation.Snippet = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "link"u8)) citation.Url = Uri.TryCreate(JsonLenient.Text(ref json), UriKind.Absolute, out Uri? link) ? link : null;
            else JsonLenient.SkipValue(ref json);
        }

        return citation;
    }

    /// <summary>What was found unsafe, in which role and how badly: carried as it is.</summary>
    private void ReadFilter(ref Utf8JsonReader json, UpdateBatch batch)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.StartArray && _filterNotes++ < MaxFilterNotes)
            batch.Add(new HarborUpdate(HarborUpdateKind.Content, new AIContent { RawRepresentation = JsonElement.ParseValue(ref json) }));
        else
            json.Skip();
    }

    /// <summary>Zhipu's gateway has a form of its own for what never reached the API: a code, a text under <c>msg</c>, and <c>success</c>, which is false.</summary>
    private void ThrowIfFailed(ref Utf8JsonReader json, ReadOnlyMemory<byte> data)
    {
        json.Read();
        bool hasFailed = json.TokenType == JsonTokenType.False;
        json.Skip();
        if (hasFailed) throw _dialect.ReadErrorInside(data);
    }
}
