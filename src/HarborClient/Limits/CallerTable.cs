namespace HarborClient.Limits;

/// <summary>
/// The callers that are remembered, a bounded number: those seen since the last turn, and those seen between the two turns before it. At a turn the rest is forgotten, except
/// who has a call in flight or, when there is room, still has something to pay off. Guarded by the lock of <see cref="CallerLimits"/>.
/// </summary>
internal sealed class CallerTable(int most, int rates, long turnAfter)
{
    /// <summary>Longer names are remembered and shared by their hash.</summary>
    private const int MaxNameCharacters = 128;

    private Dictionary<string, CallerState> _young = new(StringComparer.Ordinal);
    private Dictionary<string, CallerState> _old = new(StringComparer.Ordinal);
    private long _turnedAt;

    internal static string KeyOf(string name) =>
        name.Length <= MaxNameCharacters ? name : Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(name.AsSpan())));

    internal CallerState Find(string key, long now)
    {
        if (_young.TryGetValue(key, out CallerState? state)) return state;
        bool isFull = _young.Count >= most / 2;
        if (isFull || now - _turnedAt >= turnAfter) Turn(now, isFull);
        if (!_old.Remove(key, out state)) state = new CallerState(rates);
        _young.Add(key, state);
        return state;
    }

    private void Turn(long now, bool isFull)
    {
        Dictionary<string, CallerState> leaving = _old;
        _old = _young;
        _young = new Dictionary<string, CallerState>(StringComparer.Ordinal);
        _turnedAt = now;
        foreach ((string key, CallerState state) in leaving)
        {
            if (state.InFlight > 0 || (!isFull && _old.Count < most / 2 && !state.IsIdle(now))) _old.Add(key, state);
        }
    }
}
