namespace HarborClient.Costs;

// Hot path: one look-up and some additions an attempt; nothing is allocated once its line of the hour exists.

/// <summary>What attempts cost, summed by the hour and by everything that reports can ask for. Bounded: the oldest hours make room. Thread-safe.</summary>
internal sealed class MemoryLedger(int maximumLines)
{
    // A table of its own: a Dictionary with a struct as its key is compiled by a cold process, which waits for it.
    private const int FirstPlaces = 16;

    // Guards what follows.
    private readonly Lock _gate = new();
    private Line?[] _places = new Line?[FirstPlaces];
    private int _count;
    private long _oldestHour = long.MaxValue;
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
            Line? line = Find(key);
            if (line is null)
            {
                if (_count >= maximumLines) key = MakeRoomFor(key);
                line = Find(key) ?? (_count < maximumLines ? Add(key) : FindOther(key));
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
            return [.. Lines().Where(line => line.Key.Hour >= first && line.Key.Hour * TimeSpan.TicksPerHour < to.UtcTicks).OrderBy(line => line.Key.Hour).Select(line => line.ToEntry())];
        }
    }

    private Line? Find(in LedgerKey key)
    {
        int hash = key.GetHashCode();
        Line? line = _places[hash & (_places.Length - 1)];
        while (line is not null && (line.Hash != hash || !line.Key.Equals(key))) line = line.Following;
        return line;
    }

    /// <summary>Names of models may be invented like those of users: beyond the bound there is one line for each provider, and the sum stays right.</summary>
    private Line FindOther(in LedgerKey key)
    {
        LedgerKey other = key with { Model = "*", Alias = "*", Endpoint = "*" };
        return Find(other) ?? Add(other);
    }

    private Line Add(in LedgerKey key)
    {
        _oldestHour = Math.Min(_oldestHour, key.Hour);
        if (_count == _places.Length) Place(_places.Length * 2, Lines());
        var line = new Line(key);
        Put(line);
        return line;
    }

    private void Put(Line line)
    {
        ref Line? first = ref _places[line.Hash & (_places.Length - 1)];
        line.Following = first;
        first = line;
        _count++;
        _oldestHour = Math.Min(_oldestHour, line.Key.Hour);
    }

    private void Place(int places, List<Line> lines)
    {
        _places = new Line?[places];
        (_count, _oldestHour) = (0, long.MaxValue);
        foreach (Line line in lines) Put(line);
    }

    private List<Line> Lines()
    {
        var lines = new List<Line>(_count);
        foreach (Line? first in _places)
        {
            for (Line? line = first; line is not null; line = line.Following) lines.Add(line);
        }

        return lines;
    }

    /// <summary>Drops the oldest hour. Where there is no older one, what comes from now on is kept without its user, tenant and labels: the sum stays right.</summary>
    private LedgerKey MakeRoomFor(in LedgerKey key)
    {
        long oldest = _oldestHour;
        if (oldest >= key.Hour) return key with { Hour = oldest, Tenant = null, User = null, Tags = null };
        List<Line> lines = Lines();
        lines.RemoveAll(line => line.Key.Hour == oldest);
        Place(_places.Length, lines);
        _oldestHour = long.MaxValue;
        foreach (Line line in lines) _oldestHour = Math.Min(_oldestHour, line.Key.Hour);
        _knownSince = new DateTimeOffset((oldest + 1) * TimeSpan.TicksPerHour, TimeSpan.Zero);
        return key;
    }

    private sealed class Line(LedgerKey key)
    {
        internal readonly LedgerKey Key = key;
        internal readonly int Hash = key.GetHashCode();
        internal Line? Following;
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

        internal LedgerEntry ToEntry() => new()
        {
            At = new DateTimeOffset(Key.Hour * TimeSpan.TicksPerHour, TimeSpan.Zero),
            Attempts = _attempts,
            Calls = _calls,
            Provider = Key.Provider,
            Model = Key.Model,
            Alias = Key.Alias,
            Endpoint = Key.Endpoint,
            Tenant = Key.Tenant,
            User = Key.User,
            Tags = Key.Tags,
            Tokens = _tokens,
            Cost = new Money(_cost),
            Estimated = new Money(_estimated),
            Unpriced = _unpriced,
            PriceVersion = _version,
        };

        private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
    }
}
