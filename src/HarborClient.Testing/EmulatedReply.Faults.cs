using HarborClient.Testing.Engine;

namespace HarborClient.Testing;

// What goes wrong on purpose.
public sealed partial class EmulatedReply
{
    /// <summary>Refuses the connection. On a socket, where it is open already, the same as <see cref="ResetBeforeHeaders"/>.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply ConnectionRefused() => With(Settings with { BeforeHeaders = BeforeHeadersFault.ConnectionRefused });

    /// <summary>Finds no host of that name. On a socket, where the connection is open already, the same as <see cref="ResetBeforeHeaders"/>.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply NameNotResolved() => With(Settings with { BeforeHeaders = BeforeHeadersFault.NameNotResolved });

    /// <summary>Fails in the TLS handshake. On a socket, where it is over already, the same as <see cref="ResetBeforeHeaders"/>.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply TlsFailure() => With(Settings with { BeforeHeaders = BeforeHeadersFault.TlsFailure });

    /// <summary>Resets the connection once the request's headers have arrived; the body is not read.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply ResetBeforeHeaders() => With(Settings with { BeforeHeaders = BeforeHeadersFault.Reset });

    /// <summary>Reads the whole request, then resets the connection: the provider may have done the work.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply AbortWhenBodyRead() => With(Settings with { BeforeHeaders = BeforeHeadersFault.ResetWhenBodyRead });

    /// <summary>Reads the request and never answers.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply NeverAnswer() => With(Settings with { BeforeHeaders = BeforeHeadersFault.NeverAnswer });

    /// <summary>Answers at once and leaves the request body in the client's hands, which is still sending it.</summary>
    /// <param name="readAfterReply">True reads it once the reply has ended; by default it waits for <see cref="ProviderEmulator.FinishReadingBodies"/>.</param>
    /// <returns>This reply.</returns>
    /// <remarks>
    /// As a host on HTTP/2 does that says 429 early. In memory the content is being serialized all the while, its bytes are taken only later:
    /// a client that reuses its buffer too early shows the wrong bytes in <see cref="EmulatedAttempt.Body"/>. Since the body is unread when the reply
    /// is made, model and streaming are unknown to it.
    /// </remarks>
    public EmulatedReply AnswerBeforeReadingBody(bool readAfterReply = false) =>
        With(Settings with { AnswersBeforeReadingBody = true, ReadsBodyAfterReply = readAfterReply });

    /// <summary>Reads the request body slowly: so many bytes, a pause, the next bytes. The answer comes after the last.</summary>
    /// <param name="bytesPerRead">At least 1. In whatever pieces the client writes its body, every read but the last takes this many.</param>
    /// <param name="pause">Between two reads, by the emulator's clock; zero or more.</param>
    /// <returns>This reply.</returns>
    /// <remarks>
    /// In memory the client's write ends when its last byte was read. On a socket the client feels it only once the buffers of the kernel and of Kestrel
    /// are full, so with a body of some megabytes; the answer comes late in any case. <see cref="EmulatedAttempt.Body"/> is empty until the last read.
    /// Rules and limits read the body before the reply is known, so they do not go with it.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytesPerRead"/> is less than 1, or <paramref name="pause"/> is negative.</exception>
    public EmulatedReply ReadBodySlowly(int bytesPerRead, TimeSpan pause)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerRead, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pause, TimeSpan.Zero);
        return With(Settings with { BodyBytesPerRead = bytesPerRead, PauseBetweenBodyReads = pause });
    }

    /// <summary>After this many updates sends nothing more and keeps the connection open until the client leaves.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply SilentAfterUpdates(int count) => AfterUpdates(StreamFaultKind.Silence, count);

    /// <summary>Is silent for a while after this many updates, and then goes on. A body with fewer updates pauses before its end.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply PauseAfterUpdates(int count, TimeSpan pause)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return With(Settings with { Pause = new UpdatePause(count, pause) });
    }

    /// <summary>Sends this many spaces after the body: a reply of any length. <see cref="EmulatedAttempt.BytesSent"/> shows how much of it was read.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply Padded(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return With(Settings with { PaddingBytes = bytes });
    }

    /// <summary>Resets the connection after this many updates.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply ResetAfterUpdates(int count) => AfterUpdates(StreamFaultKind.Reset, count);

    /// <summary>Ends the body cleanly after this many updates, without its terminator.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply CutAfterUpdates(int count) => AfterUpdates(StreamFaultKind.Cut, count);

    /// <summary>After this many body bytes sends nothing more and keeps the connection open until the client leaves.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply SilentAtByte(int offset) => AtByte(StreamFaultKind.Silence, offset);

    /// <summary>Resets the connection after this many body bytes.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply ResetAtByte(int offset) => AtByte(StreamFaultKind.Reset, offset);

    /// <summary>Ends the body cleanly after this many body bytes.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply CutAtByte(int offset) => AtByte(StreamFaultKind.Cut, offset);

    /// <summary>Sends the whole body but does not end it.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply SilentAtEnd() => With(Settings with { IsSilentAtEnd = true });

    /// <summary>Breaks the JSON of one update.</summary>
    /// <param name="update">Which one, counted from 0; a body that is not streamed is number 0.</param>
    /// <returns>This reply.</returns>
    public EmulatedReply MalformedEventAt(int update) => With(Settings with { MalformedUpdate = update });

    /// <summary>Ends the stream cleanly after its last update: no finish reason, no usage, no "[DONE]".</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply WithoutTerminator() => With(Settings with { IsWithoutTerminator = true });

    /// <summary>Leaves out only the protocol's last word, "[DONE]".</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply WithoutDone() => With(Settings with { IsWithoutDone = true });

    /// <summary>Compresses the body and stops in the middle of the compressed bytes.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply TruncatedGzip() => With(Settings with { IsGzip = true, IsGzipTruncated = true });

    /// <summary>Announces more bytes than the body has; the connection ends after the last one.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply ContentLengthMismatch(int excessBytes = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(excessBytes, 1);
        return With(Settings with { ExcessContentLength = excessBytes });
    }

    /// <summary>Sends the body under another content type.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply WrongContentType(string contentType = "text/html; charset=utf-8") => With(Settings with { ContentType = contentType });

    /// <summary>Answers with a redirect and no body.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply RedirectTo(Uri location, int statusCode = 307)
    {
        ArgumentNullException.ThrowIfNull(location);
        With(Settings with { Kind = ReplyKind.Raw, StatusCode = statusCode, RawBody = default });
        return Header("location", location.OriginalString);
    }

    private EmulatedReply AfterUpdates(StreamFaultKind kind, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return With(Settings with { AfterUpdates = new StreamFault(kind, count) });
    }

    private EmulatedReply AtByte(StreamFaultKind kind, int offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return With(Settings with { AtByte = new StreamFault(kind, offset) });
    }
}
