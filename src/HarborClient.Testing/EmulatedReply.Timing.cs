namespace HarborClient.Testing;

// When and in what pieces the bytes leave.
public sealed partial class EmulatedReply
{
    /// <summary>Waits before the status line. Default none.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply DelayBeforeHeaders(TimeSpan delay) => With(Settings with { DelayBeforeHeaders = delay });

    /// <summary>Waits between the headers and the body's first byte. Default none.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply DelayBeforeFirstUpdate(TimeSpan delay) => With(Settings with { DelayBeforeFirstUpdate = delay });

    /// <summary>Waits before every update but the first. Default none.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply DelayBetweenUpdates(TimeSpan delay) => With(Settings with { DelayBetweenUpdates = delay });

    /// <summary>Sends one byte at a time, with this pause between two.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply SlowLoris(TimeSpan perByte) => With(Settings with { ChunkBytes = 1, DelayBetweenWrites = perByte });

    /// <summary>Puts this many events into one write. Default 1.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply UpdatesPerWrite(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return With(Settings with { UpdatesPerWrite = count });
    }

    /// <summary>Cuts the body into writes at exactly these offsets, instead of after every event.</summary>
    /// <param name="offsets">Counted in bytes from the start of the body, in any order; those outside the body are ignored.</param>
    /// <returns>This reply.</returns>
    public EmulatedReply SplitAt(params int[] offsets) => With(Settings with { SplitOffsets = [.. offsets.Order().Distinct()], ChunkBytes = 0 });

    /// <summary>Cuts the body into writes of this many bytes, instead of after every event.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply ChunkSize(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return With(Settings with { SplitOffsets = [], ChunkBytes = bytes });
    }

    /// <summary>Sends a comment line before every event of a stream.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply CommentBetweenEvents(string comment = "keep-alive") => With(Settings with { CommentBetweenEvents = comment });

    /// <summary>Sends a comment this often while a streamed reply waits or is silent.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply KeepAliveEvery(TimeSpan interval) => With(Settings with { KeepAliveInterval = interval });

    /// <summary>Pads streamed chunks with an <c>obfuscation</c> member of 0 to 33 characters, as OpenAI does, unless the request asks it not to.</summary>
    /// <param name="seed">The same seed gives the same padding.</param>
    /// <returns>This reply.</returns>
    public EmulatedReply Obfuscation(int seed = 1) => With(Settings with { ObfuscationSeed = seed });

    /// <summary>Compresses the body and says so in content-encoding, whether asked to or not. In memory the client must unpack it itself.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply GzipBody() => With(Settings with { IsGzip = true });

    /// <summary>Announces a content-length; by default the body is chunked.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply ContentLength() => With(Settings with { ExcessContentLength = 0 });
}
