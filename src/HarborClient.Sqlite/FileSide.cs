namespace HarborClient.Sqlite;

/// <summary>One of the two connections to the file: used by one thread at a time, and made anew after anything went wrong with it.</summary>
/// <param name="open">Makes it.</param>
internal sealed class FileSide<TSide>(Func<TSide> open) where TSide : class, IDisposable
{
    private readonly Lock _gate = new();
    private TSide? _side;

    internal bool IsOpen => Volatile.Read(ref _side) is not null;

    internal T Use<T>(Func<TSide, T> use)
    {
        lock (_gate)
        {
            _side ??= open();
            try
            {
                return use(_side);
            }
            catch
            {
                // Whatever it was in the middle of is rolled back with it.
                Close();
                throw;
            }
        }
    }

    internal void Close()
    {
        lock (_gate)
        {
            TSide? side = _side;
            _side = null;
            side?.Dispose();
        }
    }
}
