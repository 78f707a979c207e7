using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Doors;

// The response body in memory. There is no buffer between script and client: a write ends when the client has read all of it, and no read
// crosses a write. So what was "sent" is exactly what was read, and where the client left is exact too.
internal sealed class InMemoryReplyStream(Action onClientLeft) : Stream
{
    private readonly Lock _gate = new();

    // All below are guarded by _gate. Signals complete outside it, because they continue inline.
    private ReadOnlyMemory<byte> _chunk;
    private bool _isLastChunk;
    private InlineSignal<bool>? _chunkTaken;
    private InlineSignal<int>? _pendingRead;
    private Memory<byte> _pendingBuffer;
    private Exception? _fault;
    private bool _isEnded;
    private bool _isClosed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, bool isLast)
    {
        var taken = new InlineSignal<bool>();
        InlineSignal<int>? read;
        int count = 0;
        bool isAllTaken = false;
        lock (_gate)
        {
            if (_isClosed) throw new ClientLeftException();
            _chunk = bytes;
            _isLastChunk = isLast;
            _chunkTaken = taken;
            read = _pendingRead;
            _pendingRead = null;
            if (read is not null) (count, isAllTaken) = Take(_pendingBuffer);
        }

        if (isAllTaken) taken.TrySetResult(true);
        read?.TrySetResult(count);
        await taken.WaitAsync().ConfigureAwait(false);
    }

    public void End()
    {
        InlineSignal<int>? read;
        lock (_gate)
        {
            _isEnded = true;
            read = _pendingRead;
            _pendingRead = null;
        }

        read?.TrySetResult(0);
    }

    public void Break(Exception fault)
    {
        InlineSignal<int>? read;
        lock (_gate)
        {
            _fault = fault;
            read = _pendingRead;
            _pendingRead = null;
        }

        read?.TrySetException(fault);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<int>(cancellationToken);
        InlineSignal<bool>? taken = null;
        InlineSignal<int>? pending = null;
        int count = 0;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (!_chunk.IsEmpty)
            {
                taken = _chunkTaken;
                (count, bool isAllTaken) = Take(buffer);
                taken = isAllTaken ? taken : null;
            }
            else if (_fault is not null)
            {
                return ValueTask.FromException<int>(_fault);
            }
            else if (!_isEnded)
            {
                if (_pendingRead is not null) throw new InvalidOperationException("A read is pending already: a response body takes one at a time.");
                pending = _pendingRead = new InlineSignal<int>();
                _pendingBuffer = buffer;
            }
        }

        // The script moves on before the client sees the bytes: with the last of them it has ended by then.
        taken?.TrySetResult(true);
        return pending is null ? new ValueTask<int>(count) : ReadLaterAsync(pending, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The emulator's bodies are read asynchronously.");

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Close(null, new ObjectDisposedException(nameof(InMemoryReplyStream)));
        base.Dispose(disposing);
    }

    private (int Count, bool IsAllTaken) Take(Memory<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _chunk.Length);
        _chunk[..count].CopyTo(buffer);
        _chunk = _chunk[count..];
        if (!_chunk.IsEmpty) return (count, false);
        _chunkTaken = null;
        _isEnded |= _isLastChunk;
        return (count, true);
    }

    private async ValueTask<int> ReadLaterAsync(InlineSignal<int> read, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) => Close(read, new OperationCanceledException(token)), null);
#pragma warning disable CA2016 // Close decides whether the token still ends this read.
        return await read.WaitAsync().ConfigureAwait(false);
#pragma warning restore CA2016
    }

    // Disposing closes in any case; cancelling a read only while that read is pending, and then the connection is lost, as on a socket.
    private void Close(InlineSignal<int>? onlyWhilePending, Exception readFault)
    {
        InlineSignal<int>? read;
        InlineSignal<bool>? taken;
        bool isEarly;
        lock (_gate)
        {
            if (_isClosed || (onlyWhilePending is not null && !ReferenceEquals(_pendingRead, onlyWhilePending))) return;
            _isClosed = true;
            isEarly = !_isEnded && _fault is null;
            read = _pendingRead;
            taken = _chunkTaken;
            _pendingRead = null;
            _chunkTaken = null;
            _chunk = default;
        }

        if (isEarly) onClientLeft();
        taken?.TrySetException(new ClientLeftException());
        read?.TrySetException(readFault);
    }
}
