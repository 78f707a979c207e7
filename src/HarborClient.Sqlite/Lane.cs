using System.Threading.Channels;

namespace HarborClient.Sqlite;

/// <summary>Does what blocks away from those who ask for it, in their order: one loop, which takes a thread of the pool only while there is something to do.</summary>
internal sealed class Lane<TJob> : IAsyncDisposable
{
    // Unbounded: who asks waits for the result, so there are no more jobs than callers.
    private readonly Channel<TJob> _jobs = Channel.CreateUnbounded<TJob>();
    private readonly Task _loop;

    /// <param name="work">Takes all there are, and never throws.</param>
    internal Lane(Action<ChannelReader<TJob>> work) => _loop = RunAsync(work);

    /// <summary>How many jobs wait.</summary>
    internal int Waiting => _jobs.Reader.Count;

    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    internal void Post(TJob job) => ObjectDisposedException.ThrowIf(!_jobs.Writer.TryWrite(job), typeof(SqliteCacheLevel));

    /// <summary>As <see cref="Post"/>, of something that nobody waits for.</summary>
    internal bool TryPost(TJob job) => _jobs.Writer.TryWrite(job);

    /// <summary>Takes no more, and ends when all is done.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task RunAsync(Action<ChannelReader<TJob>> work)
    {
        while (await _jobs.Reader.WaitToReadAsync().ConfigureAwait(false)) work(_jobs.Reader);
    }
}
