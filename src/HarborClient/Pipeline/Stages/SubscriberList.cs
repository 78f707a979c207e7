namespace HarborClient.Pipeline.Stages;

/// <summary>The subscribers of a flight, a list through the subscribers themselves: nearly every flight has one. Guarded by the flight.</summary>
internal struct SubscriberList
{
    private FlightSubscriber? _last;

    internal FlightSubscriber? First { get; private set; }

    internal readonly bool IsEmpty => First is null;

    /// <summary>Whether one of them still wants the answer.</summary>
    internal readonly bool HasActive
    {
        get
        {
            for (FlightSubscriber? subscriber = First; subscriber is not null; subscriber = subscriber.Following)
            {
                if (subscriber.IsActive) return true;
            }

            return false;
        }
    }

    internal void Add(FlightSubscriber subscriber)
    {
        if (_last is null) First = subscriber;
        else _last.Following = subscriber;
        _last = subscriber;
    }

    /// <returns>False where it was removed before.</returns>
    internal bool Remove(FlightSubscriber subscriber)
    {
        FlightSubscriber? earlier = null;
        for (FlightSubscriber? found = First; found is not null; (earlier, found) = (found, found.Following))
        {
            if (!ReferenceEquals(found, subscriber)) continue;
            if (earlier is null) First = found.Following;
            else earlier.Following = found.Following;
            if (ReferenceEquals(_last, found)) _last = earlier;
            found.Following = null;
            return true;
        }

        return false;
    }
}
