using System.Globalization;
using System.Text;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing;

/// <summary>What the emulator answers to one request: the content, its timing, its shape on the wire, and what goes wrong with it.</summary>
/// <remarks>
/// Every setting is a method that returns the reply, so settings chain. Content is written in the protocol of the request's path, streamed or whole as
/// the request asks. A script keeps a copy: changing a reply after handing it over has no effect. Not thread-safe while being set up.
/// An <em>update</em> is one event that carries text, reasoning, a refusal or a piece of a tool call; a body that is not streamed is one update.
/// </remarks>
public sealed partial class EmulatedReply
{
    // Twice what OpenAI takes, as some hosts take more.
    private const int LongestFunctionName = 128;

    // Enough to recognise it in a message: it may be the whole JSON of the arguments.
    private const int LongestShownName = 40;

    /// <summary>An answer; as long as no content is set, its text is "You said: " and the last user message.</summary>
    public EmulatedReply()
        : this(new ReplySettings())
    {
    }

    private EmulatedReply(ReplySettings settings) => Settings = settings;

    internal ReplySettings Settings { get; private set; }

    /// <summary>An answer with this text, one update a word.</summary>
    /// <returns>A new reply.</returns>
    public static EmulatedReply Answer(string text) => new EmulatedReply().Text(text);

    /// <summary>An answer with exactly these updates.</summary>
    /// <returns>A new reply.</returns>
    public static EmulatedReply Answer(IEnumerable<string> pieces) => new EmulatedReply().Pieces([.. pieces]);

    /// <summary>An error in the shape of the request's protocol.</summary>
    /// <param name="statusCode">400 to 599.</param>
    /// <param name="retryAfterSeconds">Sent as retry-after; a fraction adds retry-after-ms.</param>
    /// <param name="code">The provider's own error code; null = the usual one for that status.</param>
    /// <param name="message">The error's text; null = the usual one for that status.</param>
    /// <returns>A new reply.</returns>
    public static EmulatedReply Error(int statusCode, double? retryAfterSeconds = null, string? code = null, string? message = null)
    {
        var reply = new EmulatedReply(new ReplySettings { Kind = ReplyKind.Error, StatusCode = statusCode, ErrorCode = code, ErrorMessage = message });
        return retryAfterSeconds is { } seconds ? reply.RetryAfter(seconds) : reply;
    }

    /// <summary>A reply with exactly this body.</summary>
    /// <returns>A new reply.</returns>
    public static EmulatedReply Raw(byte[] body, string contentType, int statusCode = 200)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(contentType);
        return new EmulatedReply(new ReplySettings { Kind = ReplyKind.Raw, RawBody = body.ToArray(), ContentType = contentType, StatusCode = statusCode });
    }

    /// <summary>A reply with exactly this body, as UTF-8.</summary>
    /// <returns>A new reply.</returns>
    public static EmulatedReply Raw(string body, string contentType, int statusCode = 200) => Raw(Encoding.UTF8.GetBytes(body), contentType, statusCode);

    /// <summary>A recorded reply: its status, headers and bytes, in the chunks it arrived in where those were recorded.</summary>
    /// <returns>A new reply.</returns>
    public static EmulatedReply Replay(RecordedExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        return new EmulatedReply(exchange.ToSettings());
    }

    /// <summary>Sets the text, one update a word.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Pieces([.. Words.Split(text)]);
    }

    /// <summary>Sets the text, one update each piece. None at all is an answer without text.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply Pieces(params string[] pieces) => With(Settings with { TextPieces = [.. pieces] });

    /// <summary>Sets the reasoning that precedes the text, one update each piece.</summary>
    /// <returns>This reply.</returns>
    /// <remarks>OpenAI's chat protocol has none; there it is sent as <c>reasoning_content</c>, as vLLM, DeepSeek and Zhipu do.</remarks>
    public EmulatedReply Reasoning(params string[] pieces) => With(Settings with { ReasoningPieces = [.. pieces] });

    /// <summary>Sets a refusal instead of a text, one update each piece.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply Refusal(params string[] pieces) => With(Settings with { TextPieces = Settings.TextPieces ?? [], RefusalPieces = [.. pieces] });

    /// <summary>Adds a tool call.</summary>
    /// <param name="id">The call's id.</param>
    /// <param name="name">The function's name: 1 to 128 ASCII letters, digits, '_', '-' and '.'.</param>
    /// <param name="argumentPieces">The arguments' JSON text, one update each piece. The name comes in an update of its own before them.</param>
    /// <returns>This reply.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no function name: most likely the id was left out.</exception>
    public EmulatedReply ToolCall(string id, string name, params string[] argumentPieces)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(name);
        if (!IsFunctionName(name)) throw new ArgumentException(NoFunctionName(name), nameof(name));
        var call = new ToolCallSettings(id, name, [.. argumentPieces]);
        return With(Settings with { TextPieces = Settings.TextPieces ?? [], ToolCalls = [.. Settings.ToolCalls, call] });
    }

    /// <summary>Sets the finish reason in the provider's own word; by default what fits the content.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply FinishReason(string finishReason) => With(Settings with { FinishReason = finishReason });

    /// <summary>Sets the reported token counts; by default estimates: four bytes a token.</summary>
    /// <param name="promptTokens">All input, cached included.</param>
    /// <param name="completionTokens">All output, reasoning included.</param>
    /// <param name="cachedTokens">Of the input, those read from the provider's cache.</param>
    /// <param name="reasoningTokens">Of the output, those of the reasoning.</param>
    /// <returns>This reply.</returns>
    public EmulatedReply Usage(long promptTokens, long completionTokens, long cachedTokens = 0, long reasoningTokens = 0) =>
        With(Settings with { ReportsUsage = true, Usage = new UsageSettings(promptTokens, completionTokens, cachedTokens, reasoningTokens) });

    /// <summary>Reports no token counts, even if asked to.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply WithoutUsage() => With(Settings with { ReportsUsage = false });

    /// <summary>Sets the model that claims to have answered; by default the one asked for.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply Model(string model) => With(Settings with { Model = model });

    /// <summary>Sets the length of embedding vectors where the request names none. Default 8.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply EmbeddingDimensions(int dimensions) => With(Settings with { EmbeddingDimensions = dimensions });

    /// <summary>Sets the HTTP status. Default 200.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply Status(int statusCode) => With(Settings with { StatusCode = statusCode });

    /// <summary>Adds a response header; one of the same name replaces the emulator's own.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply Header(string name, string value) => With(Settings with { Headers = [.. Settings.Headers, new(name, value)] });

    /// <summary>Adds retry-after, and retry-after-ms if there is a fraction.</summary>
    /// <returns>This reply.</returns>
    public EmulatedReply RetryAfter(double seconds)
    {
        Header("retry-after", Math.Ceiling(seconds).ToString(CultureInfo.InvariantCulture));
        bool isWhole = Math.Ceiling(seconds) == seconds;
        return isWhole ? this : Header("retry-after-ms", (seconds * 1000).ToString(CultureInfo.InvariantCulture));
    }

    internal static EmulatedReply FromSettings(ReplySettings settings) => new(settings);

    private static bool IsFunctionName(string name) =>
        name.Length is > 0 and <= LongestFunctionName && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.');

    private static string NoFunctionName(string name)
    {
        string shown = name.Length <= LongestShownName ? name : name[..LongestShownName] + "…";
        return $"'{shown}' is no function name (1 to {LongestFunctionName} letters, digits, '_', '-' and '.'). "
            + """The order is ToolCall(id, name, argumentPieces): ToolCall("call_1", "get_weather", "{\"city\":\"Oslo\"}").""";
    }

    private EmulatedReply With(ReplySettings settings)
    {
        Settings = settings;
        return this;
    }
}
