using System.Net;

namespace HarborClient.Tests.Robustness;

// Answers every request with the bytes it was given last, in the given pieces, without waiting for anything: for tests with millions of answers.
// One call at a time.
internal sealed class BytesHandler : HttpMessageHandler
{
    private ReadOnlyMemory<byte> _body;
    private string _contentType = "";
    private HttpStatusCode _status;
    private int[] _splits = [];
    private bool _isByteByByte;

    public void Answer(ReadOnlyMemory<byte> body, string contentType, int status = 200, params int[] splits)
    {
        _body = body;
        _contentType = contentType;
        _status = (HttpStatusCode)status;
        _splits = splits;
        _isByteByByte = false;
    }

    public void AnswerByteByByte(ReadOnlyMemory<byte> body, string contentType)
    {
        Answer(body, contentType);
        _isByteByByte = true;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = new StreamContent(new PiecesStream(_body, _splits, _isByteByByte));
        content.Headers.TryAddWithoutValidation("Content-Type", _contentType);
        return Task.FromResult(new HttpResponseMessage(_status) { Content = content, RequestMessage = request });
    }

    // Each read returns what lies before the next split, at once.
    private sealed class PiecesStream(ReadOnlyMemory<byte> body, int[] splits, bool isByteByByte) : Stream
    {
        private int _position;
        private int _nextSplit;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override int Read(Span<byte> buffer)
        {
            int end = body.Length;
            if (isByteByByte) end = Math.Min(end, _position + 1);
            else if (_nextSplit < splits.Length) end = Math.Min(end, splits[_nextSplit]);
            int count = Math.Min(end - _position, buffer.Length);
            body.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            while (_nextSplit < splits.Length && splits[_nextSplit] <= _position) _nextSplit++;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
