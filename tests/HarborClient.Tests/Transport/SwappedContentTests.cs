using System.Net;
using HarborClient.Testing;
using HarborClient.Tests.Hostile;

namespace HarborClient.Tests.Transport;

// A handler may put a content of its own into the request, and write ours whenever it likes. The body's memory goes back all the same, once, and nobody reads it afterwards.
public sealed class SwappedContentTests
{
    [Fact]
    public async Task A_handler_that_wraps_the_body_and_writes_it_slowly_leaves_nothing_rented()
    {
        using var handler = new SwappingHandler();
        await using FastClient client = TestClients.OpenAI(handler, new ManualTimeProvider());

        ChatResponse answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("fine");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_handler_that_wraps_the_body_and_fails_leaves_nothing_rented()
    {
        using var handler = new SwappingHandler { Fails = true };
        await using FastClient client = TestClients.OpenAI(handler, new ManualTimeProvider());

        await HostileClients.ErrorAsync(() => client.GetResponseAsync("hi").Guarded());

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_body_that_was_written_slowly_goes_back_when_the_answer_cannot_be_closed()
    {
        using var handler = new SwappingHandler { Wraps = false, Answer = () => new StubbornBody() };
        await using FastClient client = TestClients.OpenAI(handler, new ManualTimeProvider());

        await client.GetResponseAsync("hi").Guarded();

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_body_that_was_taken_out_of_the_request_cannot_be_written_at_once_after_the_call()
    {
        using var handler = new SwappingHandler();
        await using FastClient client = TestClients.OpenAI(handler, new ManualTimeProvider());
        await client.GetResponseAsync("hi").Guarded();
        using var target = new MemoryStream();

        Action late = () => handler.Body!.CopyTo(target, null, default);

        late.Should().Throw<Exception>();
        target.Length.Should().Be(0, "the memory is another call's by now");
    }

    [Fact]
    public async Task A_handler_may_write_the_body_at_once()
    {
        using var handler = new SwappingHandler { WritesAtOnce = true };
        await using FastClient client = TestClients.OpenAI(handler, new ManualTimeProvider());

        await client.GetResponseAsync("hi").Guarded();

        System.Text.Encoding.UTF8.GetString(handler.Written).Should().Contain("\"content\":\"hi\"");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    // Takes the body out of the request, and writes it to a stream that is not done at once.
    private sealed class SwappingHandler : HttpMessageHandler
    {
        public bool Wraps { get; init; } = true;

        public bool Fails { get; init; }

        public bool WritesAtOnce { get; init; }

        public Func<Stream> Answer { get; init; } = () => new MemoryStream(Whole());

        public HttpContent? Body { get; private set; }

        public byte[] Written { get; private set; } = [];

        public static byte[] Whole() => System.Text.Encoding.UTF8.GetBytes(Wire.Whole("fine"));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Body = request.Content!;
            if (Wraps) request.Content = new ByteArrayContent([]);
            using var target = new SlowStream();
            if (WritesAtOnce)
            {
                Body.CopyTo(target, null, cancellationToken);
            }
            else
            {
                Task writing = Body.CopyToAsync(target, cancellationToken);
                target.GoOn();
                await writing.ConfigureAwait(false);
            }

            Written = target.ToArray();
            if (Fails) throw new HttpRequestException("the handler has failed");
            return Wire.Reply(Answer(), Wire.Json, (int)HttpStatusCode.OK);
        }
    }

    // Its asynchronous writes wait until the test goes on.
    private sealed class SlowStream : MemoryStream
    {
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => _goOn.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _goOn.Task.ConfigureAwait(false);
            Write(buffer.Span);
        }
    }

    private sealed class StubbornBody() : MemoryStream(SwappingHandler.Whole())
    {
        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing) throw new InvalidOperationException("not now");
        }
    }
}
