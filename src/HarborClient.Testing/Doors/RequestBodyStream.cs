using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Doors;

// Where the client's content serializes itself to. With a gate it takes no byte before that opens, like a host that has stopped reading; with a pace
// a write ends when its last byte was taken, like one to a host that reads slowly.
internal sealed class RequestBodyStream(InlineSignal<bool>? gate, BodyPace? pace, CancellationToken clientGone) : Stream
{
    private readonly MemoryStream _taken = new();
    private bool _isOpen = gate is null;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public byte[] ToArray() => _taken.ToArray();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isOpen)
        {
            await gate!.WaitAsync(clientGone).ConfigureAwait(false);
            _isOpen = true;
        }

        cancellationToken.ThrowIfCancellationRequested();
        while (!buffer.IsEmpty)
        {
            int taken = pace is null ? buffer.Length : await pace.NextReadAsync(buffer.Length, clientGone).ConfigureAwait(false);
            _taken.Write(buffer.Span[..taken]);
            buffer = buffer[taken..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The emulator reads request bodies asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _taken.Dispose();
        base.Dispose(disposing);
    }
}
