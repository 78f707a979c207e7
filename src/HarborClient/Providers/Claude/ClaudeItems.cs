using System.Buffers;

namespace HarborClient.Providers.Claude;

// Hot path: one per attempt; a list would be two objects.

/// <summary>All items of a request, in an array of the shared pool. Owner: the request's writer, which disposes it once.</summary>
internal readonly ref struct ClaudeItems
{
    private readonly ClaudeItem[] _rented;

    private ClaudeItems(ClaudeItem[] rented, int count)
    {
        _rented = rented;
        Span = rented.AsSpan(0, count);
    }

    internal ReadOnlySpan<ClaudeItem> Span { get; }

    internal static ClaudeItems Of(Call attempt)
    {
        int most = 0;
        for (int i = 0; i < attempt.Messages.Count; i++) most += attempt.Messages[i].Contents.Count;
        ClaudeItem[] rented = ArrayPool<ClaudeItem>.Shared.Rent(most);
        try
        {
            return new ClaudeItems(rented, ClaudeItem.Collect(attempt, rented));
        }
        catch
        {
            Return(rented);
            throw;
        }
    }

    public void Dispose() => Return(_rented);

    // The messages are the caller's; the pool must not keep them alive.
    private static void Return(ClaudeItem[] rented) => ArrayPool<ClaudeItem>.Shared.Return(rented, clearArray: true);
}
