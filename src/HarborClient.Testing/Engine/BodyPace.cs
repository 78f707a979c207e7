namespace HarborClient.Testing.Engine;

// How a slow host takes one request's body: so many bytes, a pause, and only then the next byte. In whatever pieces the body comes, the reads are the same.
internal sealed class BodyPace(TimeProvider time, int bytesPerRead, TimeSpan pause)
{
    private int _takenOfRead;

    // How many of the bytes that have come are taken now: at least one. Called only when there are some, so there is no pause after the last.
    public async ValueTask<int> NextReadAsync(long available, CancellationToken clientGone)
    {
        if (_takenOfRead == bytesPerRead)
        {
            await VirtualDelay.WaitAsync(time, pause, clientGone).ConfigureAwait(false);
            _takenOfRead = 0;
        }

        int taken = (int)Math.Min(available, bytesPerRead - _takenOfRead);
        _takenOfRead += taken;
        return taken;
    }
}
