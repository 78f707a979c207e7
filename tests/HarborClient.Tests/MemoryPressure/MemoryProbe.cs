using System.Reflection;

namespace HarborClient.Tests.MemoryPressure;

// The guard of a client, from inside: what a cache would ask and tell it. It counts what cannot be seen from outside.
internal sealed class MemoryProbe
{
    private readonly object _guard;

    public MemoryProbe(FastClient client)
    {
        _guard = typeof(FastClient).GetField("_memory", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(client)!;
        _guard.GetType().GetMethod("Register", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(_guard, [new Action(() => Interlocked.Increment(ref _trims))]);
    }

    private int _trims;

    public int Trims => Volatile.Read(ref _trims);

    public bool MayStore => (bool)_guard.GetType().GetProperty("MayStore", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(_guard)!;
}
