using System.Net;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Errors;

// How much of an error's body is read.
public sealed class ErrorBodySizeTests
{
    private const long HundredMegabytes = 100L << 20;

    // The error is made from so much.
    private const int ReadForTheError = 56 << 10;

    // Leaving reads once more; a host that has more to send then is cut off.
    private const int MostRead = 64 << 10;

    [Fact]
    public async Task Of_an_error_of_100_megabytes_that_is_there_at_once_no_more_than_64_kilobytes_are_read()
    {
        using var handler = new LongErrorHandler(readsBeforeWaiting: int.MaxValue);
        await using FastClient client = Create(handler);

        HarborException error = await client.FailureAsync();

        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Length.Should().BeLessThan(1000);
        handler.Body.BytesRead.Should().BeLessThanOrEqualTo(MostRead);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_connection_on_which_no_more_has_arrived_is_closed_by_a_read_that_is_cancelled()
    {
        using var handler = new LongErrorHandler(readsBeforeWaiting: ReadForTheError / LongErrorHandler.BytesPerRead);
        await using FastClient client = Create(handler);

        HarborException error = await client.FailureAsync();

        error.Kind.Should().Be(ErrorKind.Provider);
        handler.Body.BytesRead.Should().Be(ReadForTheError);
        handler.Body.WasCancelled.Should().BeTrue("a cancelled read makes any handler close the connection");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static FastClient Create(HttpMessageHandler handler) =>
        FastClient.Create(h => h.UseDefaultModel("lab/small").AddLocal("lab", Emulated.LocalEndpoint, o => o.SendOnceThrough(handler)));

    private sealed class LongErrorHandler(int readsBeforeWaiting) : HttpMessageHandler
    {
        public const int BytesPerRead = 1024;

        public CountedBody Body { get; } = new(readsBeforeWaiting);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StreamContent(Body) });
    }

    private sealed class CountedBody(int readsBeforeWaiting) : Stream
    {
        private int _reads;

        public long BytesRead { get; private set; }

        public bool WasCancelled { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (BytesRead >= HundredMegabytes) return 0;
            if (_reads++ >= readsBeforeWaiting) await WaitAsync(cancellationToken);
            int count = Math.Min(buffer.Length, LongErrorHandler.BytesPerRead);
            buffer.Span[..count].Fill((byte)'x');
            BytesRead += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private async Task WaitAsync(CancellationToken cancellationToken)
        {
            var forever = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = cancellationToken.Register(() =>
            {
                WasCancelled = true;
                forever.TrySetCanceled(cancellationToken);
            });
            await forever.Task;
        }
    }
}
