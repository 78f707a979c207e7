using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// Everything that can be broken on purpose, through the door in memory.
public sealed class FaultTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_refused_connection_throws_what_the_socket_handler_throws()
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().ConnectionRefused());

        var thrown = await provider.Invoking(p => p.SendAsync(Requests.Chat())).Should().ThrowAsync<HttpRequestException>();

        thrown.Which.HttpRequestError.Should().Be(HttpRequestError.ConnectionError);
        thrown.Which.InnerException.Should().BeOfType<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.ConnectionRefused);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Reset);
        provider.Attempts[0].Body.Should().BeEmpty();
    }

    [Fact]
    public async Task A_reset_before_the_headers_leaves_the_body_unread()
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().ResetBeforeHeaders());

        var thrown = await provider.Invoking(p => p.SendAsync(Requests.Chat())).Should().ThrowAsync<HttpRequestException>();

        thrown.WithInnerException<IOException>().WithInnerException<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
        provider.Attempts[0].Body.Should().BeEmpty();
    }

    [Fact]
    public async Task An_abort_when_the_body_was_read_has_the_body()
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().AbortWhenBodyRead());

        await provider.Invoking(p => p.SendAsync(Requests.Chat())).Should().ThrowAsync<HttpRequestException>();

        provider.Attempts[0].Model.Should().Be("gpt-5-mini");
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Reset);
    }

    [Fact]
    public async Task A_reset_after_two_updates_delivers_both_and_then_breaks()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b", "c"], reply => reply.ResetAfterUpdates(2));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();

        await stream.ReadOnceAsync();
        (await stream.ReadOnceAsync()).Should().Contain("\"a\"");
        (await stream.ReadOnceAsync()).Should().Contain("\"b\"");
        await stream.Invoking(s => s.ReadOnceAsync()).Should().ThrowAsync<IOException>();

        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Reset);
    }

    [Fact]
    public async Task A_silent_stream_stays_open_until_the_client_leaves()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b"], reply => reply.SilentAfterUpdates(1));
        var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadOnceAsync();
        await stream.ReadOnceAsync();

        var reading = stream.ReadOnceAsync();
        _time.Advance(TimeSpan.FromHours(1));
        reading.IsCompleted.Should().BeFalse();
        response.Dispose();

        await reading.Invoking(task => task).Should().ThrowAsync<ObjectDisposedException>();
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
    }

    [Fact]
    public async Task A_stream_silent_at_its_end_has_sent_everything()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a"], reply => reply.SilentAtEnd());
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();
        while (await stream.ReadOnceAsync() != "data: [DONE]\n\n")
        {
        }

        stream.ReadOnceAsync().IsCompleted.Should().BeFalse();
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.InProgress);
    }

    [Fact]
    public async Task Keep_alive_comments_flow_while_the_stream_is_silent()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a"], reply => reply.SilentAfterUpdates(0).KeepAliveEvery(TimeSpan.FromSeconds(15)));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadOnceAsync();

        for (var i = 0; i < 3; i++)
        {
            var reading = stream.ReadOnceAsync();
            await _time.TimerSet(TimeSpan.FromSeconds(15));
            _time.Advance(TimeSpan.FromSeconds(15));
            (await reading).Should().Be(": keep-alive\n\n");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(150)]
    public async Task A_cut_ends_the_body_cleanly_at_that_byte(int offset)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.CutAtByte(offset));

        var body = await provider.AskAsync(Requests.Chat());

        body.Length.Should().Be(offset);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Cut);
        provider.Attempts[0].BytesSent.Should().Be(offset);
    }

    [Fact]
    public async Task A_reset_at_a_byte_delivers_what_was_before_it()
    {
        var provider = new ProviderEmulator(_time).ThenRaw("0123456789", "text/plain").EveryReply(reply => reply.ResetAtByte(4));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();

        (await stream.ReadOnceAsync()).Should().Be("0123");
        await stream.Invoking(s => s.ReadOnceAsync()).Should().ThrowAsync<IOException>();
    }

    [Fact]
    public async Task Silence_at_a_byte_keeps_the_stream_open_there()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw("0123456789", "text/plain").SilentAtByte(4));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();

        (await stream.ReadOnceAsync()).Should().Be("0123");
        stream.ReadOnceAsync().IsCompleted.Should().BeFalse();
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.InProgress);
    }

    [Fact]
    public async Task A_fault_after_more_updates_than_there_are_comes_at_the_end()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.ResetAfterUpdates(5));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();

        while (await stream.ReadOnceAsync() != "data: [DONE]\n\n")
        {
        }

        await stream.Invoking(s => s.ReadOnceAsync()).Should().ThrowAsync<IOException>();
    }

    [Fact]
    public async Task Splits_replace_the_boundaries_of_the_events()
    {
        var provider = new ProviderEmulator(_time)
            .ThenReply(EmulatedReply.Raw("data: one\n\ndata: two\n\n", "text/event-stream").SplitAt(14, 3))
            .ThenReply(EmulatedReply.Raw("data: one\n\ndata: two\n\n", "text/event-stream").ChunkSize(8));

        using var atOffsets = await provider.SendAsync(Requests.Chat());
        using var inChunks = await provider.SendAsync(Requests.Chat());

        (await atOffsets.ReadsAsync()).Should().Equal("dat", "a: one\n\ndat", "a: two\n\n");
        (await inChunks.ReadsAsync()).Should().Equal("data: on", "e\n\ndata:", " two\n\n");
    }

    [Fact]
    public async Task Splits_at_every_byte_never_change_the_body()
    {
        var reply = EmulatedReply.Answer(["na", "ïve ", "世界"]);
        var whole = await new ProviderEmulator(_time).ThenReply(reply).AskAsync(Requests.Chat());
        var length = Encoding.UTF8.GetByteCount(whole);

        for (var offset = 0; offset <= length; offset++)
        {
            var provider = new ProviderEmulator(_time).ThenReply(reply.SplitAt(offset));
            (await provider.AskAsync(Requests.Chat())).Should().Be(whole);
        }
    }

    [Fact]
    public async Task Several_updates_can_share_a_write()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b", "c"], reply => reply.UpdatesPerWrite(4));

        using var response = await provider.SendAsync(Requests.Chat());

        (await response.ReadsAsync()).Select(read => read.Split("\n\n").Length - 1).Should().Equal(4, 2);
    }

    [Fact]
    public async Task A_slow_loris_sends_a_byte_at_a_time()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw("abc", "text/plain").SlowLoris(TimeSpan.FromSeconds(1)));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();

        (await stream.ReadOnceAsync()).Should().Be("a");
        var second = stream.ReadOnceAsync();
        second.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await second).Should().Be("b");
    }

    [Fact]
    public async Task A_malformed_event_breaks_only_that_update()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b", "c"], reply => reply.MalformedEventAt(1));

        var body = await provider.AskAsync(Requests.Chat());

        var contents = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        contents.Should().HaveCount(6);
        contents[1].Should().Contain("\"a\"").And.EndWith("}");
        contents[2].Should().NotContain("\"b\"").And.NotEndWith("}");
        contents[3].Should().Contain("\"c\"");
    }

    [Fact]
    public async Task A_plain_answer_can_be_malformed_as_well()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.MalformedEventAt(0));

        var body = await provider.AskAsync(Requests.Chat(isStreaming: false));

        body.Should().StartWith("{\"id\"").And.NotEndWith("}");
    }

    [Fact]
    public async Task A_stream_can_lack_its_terminator_or_only_the_done_marker()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("a", reply => reply.WithoutTerminator()).ThenAnswer("a", reply => reply.WithoutDone());

        var withoutTerminator = await provider.AskAsync(Requests.Chat());
        var withoutDone = await provider.AskAsync(Requests.Chat());

        withoutTerminator.Should().NotContain("\"stop\"").And.NotContain("[DONE]");
        withoutDone.Should().Contain("\"stop\"").And.NotContain("[DONE]");
        provider.Attempts.Select(attempt => attempt.Outcome).Should().Equal(AttemptOutcome.Cut, AttemptOutcome.Completed);
    }

    [Fact]
    public async Task Comments_stand_between_the_events()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("a", reply => reply.CommentBetweenEvents("PROCESSING"));

        var body = await provider.AskAsync(Requests.Chat());

        body.Split("\n\n").Count(block => block == ": PROCESSING").Should().Be(4);
    }

    [Fact]
    public async Task A_gzip_body_unpacks_write_by_write_and_a_truncated_one_does_not()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.GzipBody()).ThenAnswer("hello", reply => reply.TruncatedGzip());

        using var whole = await provider.SendAsync(Requests.Chat());
        using var truncated = await provider.SendAsync(Requests.Chat());

        whole.Content.Headers.ContentEncoding.Should().Equal("gzip");
        using var unpacked = new StreamReader(new GZipStream(await whole.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        (await unpacked.ReadToEndAsync()).Should().EndWith("data: [DONE]\n\n");
        using var broken = new StreamReader(new GZipStream(await truncated.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        var text = string.Empty;
        try
        {
            text = await broken.ReadToEndAsync();
        }
        catch (InvalidDataException)
        {
            // Where it is cut decides whether the reader notices.
        }

        text.Should().NotContain("[DONE]");
        provider.Attempts[1].Outcome.Should().Be(AttemptOutcome.Cut);
    }

    [Fact]
    public async Task A_redirect_names_its_target()
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().RedirectTo(new Uri("https://elsewhere.test/v1/")));

        using var response = await provider.SendAsync(Requests.Chat());

        response.StatusCode.Should().Be(HttpStatusCode.TemporaryRedirect);
        response.Headers.Location.Should().Be(new Uri("https://elsewhere.test/v1/"));
    }

    [Fact]
    public async Task A_wrong_content_type_keeps_the_body()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.WrongContentType());

        using var response = await provider.SendAsync(Requests.Chat());

        response.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        (await response.Content.ReadAsStringAsync()).Should().EndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task A_true_content_length_can_be_announced()
    {
        var provider = new ProviderEmulator(_time).ThenRaw([1, 2, 3], "application/octet-stream").EveryReply(reply => reply.ContentLength());

        using var response = await provider.SendAsync(Requests.Chat());

        response.Content.Headers.ContentLength.Should().Be(3);
        (await response.Content.ReadAsByteArrayAsync()).Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task A_content_length_that_promises_too_much_ends_prematurely()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw("abc", "text/plain").ContentLengthMismatch(excessBytes: 2));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();

        response.Content.Headers.ContentLength.Should().Be(5);
        (await stream.ReadOnceAsync()).Should().Be("abc");
        var thrown = await stream.Invoking(s => s.ReadOnceAsync()).Should().ThrowAsync<HttpIOException>();
        thrown.Which.HttpRequestError.Should().Be(HttpRequestError.ResponseEnded);
    }
}
