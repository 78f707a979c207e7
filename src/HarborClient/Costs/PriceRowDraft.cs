using System.Text.Json;

namespace HarborClient.Costs;

/// <summary>One row of a price file while it is read: its members come in any order, and refer to each other.</summary>
internal sealed class PriceRowDraft
{
    // Of tiers and periods there are a handful; of other names, a dozen.
    private const int MaxItems = 64;

    // The dearest known is 6.
    private const decimal MostFactor = 100;

    private readonly RateDraft _usual = new();
    private readonly List<Tier> _tiers = [];
    private readonly List<Period> _periods = [];
    private readonly List<string> _aliases = [];
    private readonly List<RateFactor> _factors = [];
    private string? _provider;
    private string? _model;
    private string? _source;
    private bool _isUnpriced;
    private bool _isUnconfirmed;
    private SearchPrice? _search;
    private SearchUnit _unit;
    private long? _image;
    private long? _minimum;
    private decimal? _second;
    private decimal? _mostInput;
    private decimal? _mostOutput;

    /// <summary>Reads a member; the reader stands at its name, and afterwards at the end of its value.</summary>
    internal void Read(ref Utf8JsonReader json)
    {
        if (_usual.TryRead(ref json)) return;
        if (json.ValueTextEquals("provider"u8)) _provider = Text(ref json);
        else if (json.ValueTextEquals("model"u8)) _model = Text(ref json);
        else if (json.ValueTextEquals("source"u8)) _source = Text(ref json);
        else if (json.ValueTextEquals("unpriced"u8)) _isUnpriced = Flag(ref json);
        else if (json.ValueTextEquals("verify"u8)) _isUnconfirmed = Flag(ref json);
        else if (json.ValueTextEquals("aliases"u8)) ReadAliases(ref json);
        else if (json.ValueTextEquals("tiers"u8)) ReadTiers(ref json);
        else if (json.ValueTextEquals("price_periods"u8)) ReadPeriods(ref json);
        else if (json.ValueTextEquals("batch"u8) || json.ValueTextEquals("flex"u8) || json.ValueTextEquals("priority"u8) || json.ValueTextEquals("fast"u8)) ReadService(ref json);
        else if (json.ValueTextEquals("multipliers"u8)) ReadFactors(ref json);
        else if (json.ValueTextEquals("search_per_query"u8)) ReadSearch(ref json);
        else if (json.ValueTextEquals("search_unit"u8)) ReadUnit(ref json);
        else if (json.ValueTextEquals("output_per_image"u8)) _image = PriceNumbers.ReadNano(ref json);
        else if (json.ValueTextEquals("minimum_per_call"u8)) _minimum = PriceNumbers.ReadNano(ref json);
        else if (json.ValueTextEquals("max_input_tokens"u8)) _mostInput = PriceNumbers.Read(ref json, BilledTokens.MostBelieved);
        else if (json.ValueTextEquals("max_output_tokens"u8)) _mostOutput = PriceNumbers.Read(ref json, BilledTokens.MostBelieved);
        else if (json.ValueTextEquals("per_gpu_second"u8)) _second = PriceNumbers.Read(ref json, RateDraft.MostUsdPerMillion);
        else json.Skip();
    }

    internal PriceRow ToRow()
    {
        if (string.IsNullOrEmpty(_provider) || string.IsNullOrEmpty(_model)) throw new JsonException("Every model of a price file needs 'provider' and 'model'.");
        return new PriceRow
        {
            Provider = _provider,
            Model = _model,
            Aliases = _aliases,
            Periods = Periods(),
            Factors = [.. _factors],
            NanoPerSearch = _search is { } search ? search with { Unit = _unit } : null,
            NanoPerImage = _isUnpriced ? null : _image,
            MinimumNano = _minimum ?? 0,
            PicoPerSecond = _second is { } usd ? (long)(usd * PriceRow.PicoPerUsd) : 0,
            MaxInputTokens = (long?)_mostInput,
            MaxOutputTokens = (long?)_mostOutput,
            IsUnconfirmed = _isUnconfirmed,
            Source = _source,
        };
    }

    private PricePeriod[] Periods()
    {
        // A host that is paid by the second has no price for tokens unless it says so.
        if (_second is not null)
        {
            _usual.Input ??= 0;
            _usual.Output ??= 0;
        }

        if (_isUnpriced || (_periods.Count == 0 && _usual.Resolve() is null)) return [];
        if (_periods.Count == 0) return [new PricePeriod(null, null, Tiers(_usual))];
        var periods = new List<PricePeriod>(_periods.Count);
        foreach (Period period in _periods)
        {
            // What a period leaves out is as usual, for its tiers too.
            (period.Rates.Input, period.Rates.Output) = (period.Rates.Input ?? _usual.Input, period.Rates.Output ?? _usual.Output);
            if (period.Rates.Resolve(_usual) is not null) periods.Add(new PricePeriod(period.From, period.Until, Tiers(period.Rates)));
        }

        return [.. periods];
    }

    private RateTier[] Tiers(RateDraft usual)
    {
        var tiers = new RateTier[_tiers.Count + 1];
        tiers[0] = new RateTier(RateTier.Standard, -1, usual.Resolve(ReferenceEquals(usual, _usual) ? null : _usual)!);
        for (int i = 0; i < _tiers.Count; i++) tiers[i + 1] = new RateTier(_tiers[i].Service, _tiers[i].Above, _tiers[i].Rates.Resolve(usual)!);
        return tiers;
    }

    private void ReadAliases(ref Utf8JsonReader json)
    {
        Begin(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType == JsonTokenType.String) Add(_aliases, json.GetString()!);
    }

    private void ReadService(ref Utf8JsonReader json)
    {
        string service = json.GetString()!;
        Begin(ref json, JsonTokenType.StartObject);
        var rates = new RateDraft();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!rates.TryRead(ref json)) json.Skip();
        }

        Add(_tiers, new Tier(service, -1, rates));
    }

    private void ReadTiers(ref Utf8JsonReader json)
    {
        Begin(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            var rates = new RateDraft();
            string service = RateTier.Standard;
            decimal above = 0;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (rates.TryRead(ref json)) continue;
                if (json.ValueTextEquals("service_tier"u8)) service = Text(ref json) ?? service;
                else if (json.ValueTextEquals("above_input_tokens"u8)) above = PriceNumbers.Read(ref json, BilledTokens.MostBelieved) ?? 0;
                else json.Skip();
            }

            Add(_tiers, new Tier(service, (long)above, rates));
        }
    }

    private void ReadPeriods(ref Utf8JsonReader json)
    {
        Begin(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            var rates = new RateDraft();
            DateTimeOffset? from = null, until = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (rates.TryRead(ref json)) continue;
                if (json.ValueTextEquals("from"u8)) from = PriceNumbers.ReadMoment(ref json, isEnd: false);
                else if (json.ValueTextEquals("until"u8)) until = PriceNumbers.ReadMoment(ref json, isEnd: true);
                else json.Skip();
            }

            Add(_periods, new Period(from, until, rates));
        }
    }

    /// <summary>Prices of a search by the size of its context; the usual one is "medium".</summary>
    private void ReadSearch(ref Utf8JsonReader json)
    {
        Begin(ref json, JsonTokenType.StartObject);
        long most = 0;
        long? usual = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isUsual = json.ValueTextEquals("medium"u8);
            if (PriceNumbers.ReadNano(ref json) is not { } price) continue;
            most = Math.Max(most, price);
            if (isUsual) usual = price;
        }

        _search = new SearchPrice(usual ?? most, most);
    }

    private void ReadUnit(ref Utf8JsonReader json) => _unit = Text(ref json) switch
    {
        null or "query" => SearchUnit.Query,
        "request" => SearchUnit.Request,
        "always" => SearchUnit.Always,
        _ => throw new JsonException("'search_unit' must be \"query\", \"request\" or \"always\"."),
    };

    /// <summary>Factors by region or service tier.</summary>
    private void ReadFactors(ref Utf8JsonReader json)
    {
        Begin(ref json, JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            if (PriceNumbers.Read(ref json, MostFactor) is { } value) Add(_factors, new RateFactor(name, value));
        }
    }

    private static void Begin(ref Utf8JsonReader json, JsonTokenType expected)
    {
        string name = json.GetString()!;
        json.Read();
        if (json.TokenType != expected) throw new JsonException($"'{name}' must be {(expected == JsonTokenType.StartArray ? "an array" : "an object")}.");
    }

    private static string? Text(ref Utf8JsonReader json)
    {
        string name = json.GetString()!;
        json.Read();
        return json.TokenType is JsonTokenType.String or JsonTokenType.Null ? json.GetString() : throw new JsonException($"'{name}' must be a text.");
    }

    private static bool Flag(ref Utf8JsonReader json)
    {
        string name = json.GetString()!;
        json.Read();
        return json.TokenType is JsonTokenType.True or JsonTokenType.False ? json.GetBoolean() : throw new JsonException($"'{name}' must be true or false.");
    }

    private static void Add<T>(List<T> list, T item) where T : class
    {
        if (list.Count == MaxItems) throw new JsonException($"A list of a price file has more than {MaxItems} items.");
        list.Add(item);
    }

    private sealed record Tier(string Service, long Above, RateDraft Rates);

    private sealed record Period(DateTimeOffset? From, DateTimeOffset? Until, RateDraft Rates);
}
