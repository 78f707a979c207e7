namespace HarborClient.Testing.Engine;

internal enum ReplyKind
{
    Answer,
    Error,
    Raw,
}

internal enum BeforeHeadersFault
{
    None,
    ConnectionRefused,
    NameNotResolved,
    TlsFailure,
    Reset,
    ResetWhenBodyRead,
    NeverAnswer,
}

internal enum StreamFaultKind
{
    Silence,
    Reset,
    Cut,
}

internal readonly record struct StreamFault(StreamFaultKind Kind, int Position);

internal readonly record struct UpdatePause(int AfterUpdates, TimeSpan Time);

internal sealed record ToolCallSettings(string Id, string Name, IReadOnlyList<string> ArgumentPieces);

internal sealed record UsageSettings(long PromptTokens, long CompletionTokens, long CachedTokens, long ReasoningTokens);

// What an EmulatedReply was told. Immutable, so a script step is a snapshot and one reply can serve many requests at once.
internal sealed record ReplySettings
{
    public ReplyKind Kind { get; init; }

    public int StatusCode { get; init; } = 200;

    public HeaderList Headers { get; init; } = [];

    public string? ContentType { get; init; }

    // Kind Raw.
    public ReadOnlyMemory<byte> RawBody { get; init; }

    // Kind Error.
    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    // Kind Answer. Null text = an echo of the question.
    public IReadOnlyList<string>? TextPieces { get; init; }

    public IReadOnlyList<string> ReasoningPieces { get; init; } = [];

    public IReadOnlyList<string> RefusalPieces { get; init; } = [];

    public IReadOnlyList<ToolCallSettings> ToolCalls { get; init; } = [];

    public string? FinishReason { get; init; }

    public UsageSettings? Usage { get; init; }

    public bool ReportsUsage { get; init; } = true;

    public string? Model { get; init; }

    public int EmbeddingDimensions { get; init; } = 8;

    public int? ObfuscationSeed { get; init; }

    // Timing.
    public TimeSpan DelayBeforeHeaders { get; init; }

    public TimeSpan DelayBeforeFirstUpdate { get; init; }

    public TimeSpan DelayBetweenUpdates { get; init; }

    public TimeSpan DelayBetweenWrites { get; init; }

    public TimeSpan KeepAliveInterval { get; init; }

    // Shape of the bytes.
    public int UpdatesPerWrite { get; init; } = 1;

    public string? CommentBetweenEvents { get; init; }

    public IReadOnlyList<int> SplitOffsets { get; init; } = [];

    public int ChunkBytes { get; init; }

    public bool IsGzip { get; init; }

    public bool IsGzipTruncated { get; init; }

    // Bytes by which the announced content-length exceeds the body; null = chunked.
    public int? ExcessContentLength { get; init; }

    // Faults.
    public BeforeHeadersFault BeforeHeaders { get; init; }

    public StreamFault? AfterUpdates { get; init; }

    public StreamFault? AtByte { get; init; }

    public UpdatePause? Pause { get; init; }

    // Bytes of spaces after the body.
    public long PaddingBytes { get; init; }

    public int? MalformedUpdate { get; init; }

    public bool IsWithoutTerminator { get; init; }

    public bool IsWithoutDone { get; init; }

    public bool IsSilentAtEnd { get; init; }

    public bool AnswersBeforeReadingBody { get; init; }

    public bool ReadsBodyAfterReply { get; init; }

    // 0 = as fast as they come.
    public int BodyBytesPerRead { get; init; }

    public TimeSpan PauseBetweenBodyReads { get; init; }

    public bool ReadsBodyFirst => !AnswersBeforeReadingBody && BeforeHeaders is BeforeHeadersFault.None or BeforeHeadersFault.ResetWhenBodyRead or BeforeHeadersFault.NeverAnswer;
}
