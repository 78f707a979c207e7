using System.Text;

namespace HarborClient.Tests.Hostile;

// A body that hands out its bytes in reads of a given size, and then ends, unless the test has something else in mind.
internal sealed class HostileBody(byte[] bytes, int bytesPerRead = int.MaxValue) : Stream
{
    private int _position;

    public HostileBody(string text, int bytesPerRead = int.MaxValue) : this(Encoding.UTF8.GetBytes(text), bytesPerRead)
    {
    }

    // Instead of the end.
    public Func<CancellationToken, ValueTask<int>>? AtEnd { get; init; }

    public Action? OnDispose { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static async ValueTask<int> Stall(CancellationToken token)
    {
        await HostileHandler.Forever(token);
        return 0;
    }

    // Not async: what AtEnd throws comes out of the call, not of the task.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count = Math.Min(Math.Min(bytesPerRead, buffer.Length), bytes.Length - _position);
        if (count == 0 && buffer.Length > 0) return AtEnd?.Invoke(cancellationToken) ?? ValueTask.FromResult(0);
        bytes.AsSpan(_position, count).CopyTo(buffer.Span);
        _position += count;
        return ValueTask.FromResult(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        OnDispose?.Invoke();
    }
}
