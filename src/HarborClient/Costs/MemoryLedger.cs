namespace HarborClient.Costs;

// Hot path: one look-up and some additions an attempt; nothing is allocated once its line of the hour exists.

/// <summary>What attempts cost, summed by the hour and by everything that reports can ask for. Bounded: the oldest hours make room. Thread-safe.</summary>
internal sealed class MemoryLedger(int maximumLines)
{
    // Guards both.
    private readonly Lock _gate = new();
    private readonly Dictionary<LedgerKey, Line> _lines = [];
    private DateTimeOffset? _knownSince;

    /// <summary>Since when every attempt is in it; null where nothing was dropped.</summary>
    internal DateTimeOffset? KnownSince
    {
        get
        {
            lock (_gate) return _knownSince;
        }
    }

    internal void Append(in LedgerEntry entry)
    {
        var key = new LedgerKey(entry.At.UtcTicks / TimeSpan.TicksPerHour, entry.Provider, entry.Model, entry.Alias, entry.Endpoint, entry.Tenant, entry.User, entry.Tags);
        lock (_gate)
        {
            if (!_lines.TryGetValue(key, out Line? line))
            {
                if (_lines.Count >= maximumLines) key = MakeRoomFor(key);
                if (!_lines.TryGetValue(key, out line)) _lines.Add(key, line = new Line());
            }

            line.Add(entry);
        }
    }

    /// <summary>The lines whose hours touch a time, in order.</summary>
    internal LedgerEntry[] Read(DateTimeOffset from, DateTimeOffset to)
    {
        long first = from.UtcTicks / TimeSpan.TicksPerHour;
        lock (_gate)
        {
            return [.. _lines.Where(line => line.Key.Hour >= first && line.Key.Hour * TimeSpan.TicksPerHour < to.UtcTicks).OrderBy(line => line.Key.Hour).Select(line => line.Value.ToEntry(line.Key))];
        }
    }

    /// <summary>Drops the oldest hour. Where there is no older one, what comes from now on is kept without its user, tenant and labels: the sum stays right.</summary>
    private LedgerKey MakeRoomFor(LedgerKey key)
    {
        long oldest = _lines.Keys.Min(known => known.Hour);
        if (oldest >= key.Hour) return key with { Hour = oldest, Tenant = null, User = null, Tags = null };
        foreach (LedgerKey known in _lines.Keys.Where(known => known.Hour == oldest).ToArray()) _lines.Remove(known);
        _knownSince = new DateTimeOffset((oldest + 1) * TimeSpan.TicksPerHour, TimeSpan.Zero);
        return key;
    }

    private sealed class Line
    {
        private long _attempts;
        private long _calls;
        private long _unpriced;
        private BilledTokens _tokens;
        private long _cost;
        private long _estimated;
        private string? _version;

        internal void Add(in LedgerEntry entry)
        {
            _attempts += entry.Attempts;
            _calls += entry.Calls;
            _unpriced += entry.Unpriced;
            _tokens += entry.Tokens;
            _cost = Sum(_cost, entry.Cost.NanoUsd);
            _estimated = Sum(_estimated, entry.Estimated.NanoUsd);
            _version = entry.PriceVersion;
        }

        internal LedgerEntry ToEntry(in LedgerKey key) => new()
        {
            At = new DateTimeOffset(key.Hour * TimeSpan.TicksPerHour, TimeSpan.Zero),
            Attempts = _attempts,
            Calls = _calls,
            Provider = key.Provider,
            Model = key.Model,
            Alias = key.Alias,
            Endpoint = key.Endpoint,
            Tenant = key.Tenant,
            User = key.User,
            Tags = key.Tags,
            Tokens = _tokens,
            Cost = new Money(_cost),
            Estimated = new Money(_estimated),
            Unpriced = _unpriced,
            PriceVersion = _version,
        };

        private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
    }
}
