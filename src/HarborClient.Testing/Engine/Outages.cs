namespace HarborClient.Testing.Engine;

// When the provider is down, by its own clock, and what a request gets then.
internal sealed class Outages(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly Lock _gate = new();

    // Guarded by _gate. Read once a request, and a test has a handful of them.
    private readonly List<(Func<TimeSpan, bool> IsDown, ReplySettings Failure)> _outages = [];

    public void Add(Func<TimeSpan, bool> isDown, ReplySettings failure)
    {
        lock (_gate)
        {
            _outages.Add((isDown, failure));
        }
    }

    // Null: the provider is up.
    public ReplySettings? Now()
    {
        lock (_gate)
        {
            if (_outages.Count == 0) return null;
            TimeSpan elapsed = time.GetElapsedTime(_start);
            foreach ((Func<TimeSpan, bool> isDown, ReplySettings failure) in _outages)
            {
                if (isDown(elapsed)) return failure;
            }

            return null;
        }
    }
}
