#if DEBUG
namespace HarborClient.Pools;

/// <content>Finds whoever uses a body after it was given back: it belongs to somebody else's request then.</content>
internal sealed partial class PooledBody
{
    private int _generation;

    partial void RememberGeneration() => _generation = _first!.Generation;

    partial void CheckRented()
    {
        if (Volatile.Read(ref _references) <= 0 || (_first is { } first && first.Generation != _generation))
            throw new InvalidOperationException("The body of a request is used after it was given back.");
    }
}
#endif
