namespace HarborClient.Testing.Engine;

// Takes the thread's synchronization context away until disposed, which must happen on the same thread.
internal readonly ref struct HiddenSynchronizationContext
{
    private readonly SynchronizationContext? _hidden;

    public HiddenSynchronizationContext()
    {
        _hidden = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
    }

    public void Dispose() => SynchronizationContext.SetSynchronizationContext(_hidden);
}
