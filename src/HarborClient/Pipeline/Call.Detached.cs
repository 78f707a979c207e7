using HarborClient.Pipeline;

namespace HarborClient;

/// <content>A call that asks on behalf of others.</content>
public partial class Call
{
    /// <summary>The same call of nobody: no caller's token cancels it, and it runs as long as one of those wants it who wait for its answer.</summary>
    internal Call Detached() => new(_services, Request, Settings, IsStreaming, CancellationToken.None)
    {
        StreamsUpstream = StreamsUpstream,
        _deadline = _deadline,
        _cache = _cache,
        _isObserved = _observers is not null,
    };

    /// <summary>The same call once more, of nobody, whose answer is kept: it begins now, and after all others where calls have to wait.</summary>
    internal Call Repeated(CacheUse use)
    {
        var call = new Call(_services, Request.Detached(), Settings.At(CallPriority.Background), isStreaming: false, CancellationToken.None) { StreamsUpstream = StreamsUpstream, _cache = use };
        call.SetDeadline(Settings.TotalTimeout);
        return call;
    }

    /// <summary>Another caller waits for it: it lasts as long as the latest of them, and goes before others as the most urgent does.</summary>
    internal void Stretch(Call other)
    {
        bool isRaised = other.Settings.Priority > Settings.Priority;
        if (isRaised) Settings = Settings.At(other.Settings.Priority);
        long seen = DeadlineTimestamp;
        while (other._deadline > seen)
        {
            long before = Interlocked.CompareExchange(ref _deadline, other._deadline, seen);
            if (before == seen) break;
            seen = before;
        }

        // An attempt that begins to wait meanwhile looks at the priority once more when it does.
        Interlocked.MemoryBarrier();
        for (Attempt? attempt = Volatile.Read(ref _latest); attempt is not null; attempt = attempt.Earlier)
        {
            attempt.OwnClocks.Stretch(DeadlineTimestamp);
            if (isRaised) attempt.RaiseInQueue(other.Settings.Priority);
        }
    }

    /// <summary>The caller whose options these are goes on while the call does.</summary>
    internal void DetachOptions()
    {
        if (Request.Options is not null) Request = Request.Detached();
    }
}
