using HarborClient.Errors;

namespace HarborClient.Limits;

/// <summary>The limits of every user, or of every tenant, and what each has used. Guarded by the lock of <see cref="CallerLimits"/>.</summary>
internal sealed class CallerKind
{
    /// <summary>The longest period of a rate: who was away for so long has a full bucket.</summary>
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMinutes(1);

    /// <summary>How much the latest call counts in the mean duration: about the last twenty calls do.</summary>
    private const double Gain = 0.1;

    // Nobody knows when a slot becomes free: the mean duration over the number of slots is the best guess, within these bounds.
    private static readonly TimeSpan ShortestSlotWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestSlotWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UnknownSlotWait = TimeSpan.FromSeconds(1);

    private readonly CallerTable _table;
    private readonly CallerRate[] _rates;
    private readonly string _who;
    private readonly string _section;
    private readonly TimeProvider _time;
    private double _meanSeconds;

    private CallerKind(string who, string section, CallerLimit limit, int mostCallers, TimeProvider time)
    {
        _who = who;
        _section = section;
        _time = time;
        InFlight = limit.InFlight;
        _rates = RatesOf(limit, time.TimestampFrequency);
        CountsTokens = limit.TokensPerMinute is not null;
        _table = new CallerTable(mostCallers, _rates.Length, (long)(LongestPeriod.TotalSeconds * time.TimestampFrequency));
    }

    internal int? InFlight { get; }

    internal bool CountsTokens { get; }

    internal static CallerKind? Of(string who, string section, CallerLimit limit, int mostCallers, TimeProvider time) =>
        limit.IsOff ? null : new CallerKind(who, section, limit, mostCallers, time);

    /// <summary>The same name in every process.</summary>
    internal string OwnerOf(string name) => $"{_who}:{CallerTable.KeyOf(name)}";

    internal CallerState Find(string name, long now) => _table.Find(CallerTable.KeyOf(name), now);

    /// <summary>Who refuses a call, if anyone does; takes nothing.</summary>
    internal HarborException? Refusal(string name, CallerState state, long now, long tokens)
    {
        if (InFlight is { } most && state.InFlight >= most) return NoSlot(name);
        for (int i = 0; i < _rates.Length; i++)
        {
            long wait = _rates[i].WaitFor(state.FullAt[i], now, AmountOf(i, tokens));
            if (wait > 0) return NoTokens(name, i, ToTime(wait));
        }

        return null;
    }

    /// <summary>The refusal of all processes together.</summary>
    internal HarborException Refusal(string name, LimitTaken refused) =>
        refused.RefusedBy < _rates.Length ? NoTokens(name, refused.RefusedBy, refused.RetryAfter) : NoSlot(name);

    internal void Take(CallerState state, long now, long tokens)
    {
        state.InFlight++;
        for (int i = 0; i < _rates.Length; i++) state.FullAt[i] = _rates[i].Take(state.FullAt[i], now, AmountOf(i, tokens));
    }

    internal void TakeBack(CallerState state, long tokens)
    {
        state.InFlight--;
        for (int i = 0; i < _rates.Length; i++) state.FullAt[i] = _rates[i].GiveBack(state.FullAt[i], AmountOf(i, tokens));
    }

    internal void Settle(CallerState state, long now, long startedAt, long tokensMore)
    {
        state.InFlight--;
        double seconds = (double)(now - startedAt) / _time.TimestampFrequency;
        _meanSeconds = _meanSeconds == 0 ? seconds : _meanSeconds + (Gain * (seconds - _meanSeconds));
        for (int i = 0; i < _rates.Length; i++)
        {
            if (!_rates[i].CountsTokens) continue;
            state.FullAt[i] = tokensMore > 0 ? _rates[i].Take(state.FullAt[i], now, tokensMore) : _rates[i].GiveBack(state.FullAt[i], -tokensMore);
        }
    }

    /// <summary>What a call takes from the buckets that processes share.</summary>
    internal BucketAmount[] Amounts(long tokens)
    {
        var amounts = new BucketAmount[_rates.Length];
        for (int i = 0; i < amounts.Length; i++) amounts[i] = new BucketAmount(_rates[i].Shared, AmountOf(i, tokens));
        return amounts;
    }

    /// <summary>What was taken is given back.</summary>
    internal BucketAmount[] Undone(long tokens)
    {
        BucketAmount[] amounts = Amounts(tokens);
        for (int i = 0; i < amounts.Length; i++) amounts[i] = amounts[i] with { Amount = -amounts[i].Amount };
        return amounts;
    }

    /// <summary>The difference that the usage makes.</summary>
    internal BucketAmount[] Correction(long tokensMore)
    {
        if (tokensMore == 0 || !CountsTokens) return [];
        return [new BucketAmount(Array.Find(_rates, rate => rate.CountsTokens)!.Shared, tokensMore)];
    }

    private long AmountOf(int rate, long tokens) => _rates[rate].CountsTokens ? tokens : 1;

    private HarborException NoTokens(string name, int rate, TimeSpan wait) =>
        ErrorFactory.CallerLimited(_who, name, $"{_rates[rate].Capacity:N0} {_rates[rate].Unit}", $"{_section}.{_rates[rate].Setting}", wait);

    private HarborException NoSlot(string name)
    {
        TimeSpan wait = _meanSeconds == 0 ? UnknownSlotWait : TimeSpan.FromSeconds(_meanSeconds / InFlight!.Value);
        TimeSpan bounded = wait < ShortestSlotWait ? ShortestSlotWait : wait > LongestSlotWait ? LongestSlotWait : wait;
        return ErrorFactory.CallerLimited(_who, name, $"{InFlight:N0} calls in flight", $"{_section}.InFlight", bounded);
    }

    /// <summary>Rounded up: who comes after exactly this time gets through.</summary>
    private TimeSpan ToTime(long wait) => TimeSpan.FromTicks((long)Math.Ceiling((double)wait * TimeSpan.TicksPerSecond / _time.TimestampFrequency));

    private static CallerRate[] RatesOf(CallerLimit limit, long frequency)
    {
        var rates = new List<CallerRate>(3);
        if (limit.RequestsPerSecond is { } second) rates.Add(new CallerRate(nameof(limit.RequestsPerSecond), "requests a second", second, TimeSpan.FromSeconds(1), frequency));
        if (limit.RequestsPerMinute is { } minute) rates.Add(new CallerRate(nameof(limit.RequestsPerMinute), "requests a minute", minute, LongestPeriod, frequency));
        if (limit.TokensPerMinute is { } tokens) rates.Add(new CallerRate(nameof(limit.TokensPerMinute), "tokens a minute", tokens, LongestPeriod, frequency) { CountsTokens = true });
        return [.. rates];
    }
}
