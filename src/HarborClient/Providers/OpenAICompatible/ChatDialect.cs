namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Where hosts of the OpenAI family differ. Immutable.</summary>
internal sealed class ChatDialect
{
    /// <summary>Members of a request that the client writes by itself.</summary>
    internal static readonly string[] WrittenMembers = ["model", "messages", "input", "stream", "stream_options"];

    /// <summary>The member for the maximum of output tokens: <c>max_completion_tokens</c> at OpenAI, whose reasoning models refuse the older <c>max_tokens</c>.</summary>
    internal required string MaxTokensMember { get; init; }

    /// <summary>Whether a stream is whole only with <c>data: [DONE]</c>. Where not, a finish reason and a clean end of the body suffice.</summary>
    internal required bool EndsWithDone { get; init; }

    /// <summary>Whether <c>top_k</c> is understood.</summary>
    internal required bool HasTopK { get; init; }

    /// <summary>Whether embeddings are asked for as base64, a third of the size of numbers.</summary>
    internal required bool HasBase64Embeddings { get; init; }

    /// <summary>
    /// Whether a stream is whole with the clean end of its body, although neither a finish reason nor <c>[DONE]</c> came: for servers that send neither. A
    /// cut is then noticed only where the connection breaks.
    /// </summary>
    internal bool EndsWithBody { get; init; }

    /// <summary>Whether an answer's id is its own; where not, it is no id.</summary>
    internal bool HasIds { get; init; } = true;

    /// <summary>Whether <c>stream: false</c> has to be said, because the server streams by default.</summary>
    internal bool StreamsByDefault { get; init; }

    /// <summary>Texts that end the answer, beside the caller's.</summary>
    internal string[] StopSequences { get; init; } = [];

    /// <summary>Tokens that end the answer (vLLM's <c>stop_token_ids</c>), unless the caller gives others.</summary>
    internal int[] StopTokenIds { get; init; } = [];

    /// <summary>Writes the messages for a server that takes them in another form; null for the documented one.</summary>
    internal Action<JsonBody, Call>? WriteMessages { get; init; }

    /// <summary>Whether video and documents are taken by their address, and files inside the request are not.</summary>
    internal bool TakesFilesByAddress { get; init; }

    /// <summary>Whether the reasoning of earlier answers is sent back, as <c>reasoning_content</c>.</summary>
    internal bool SendsReasoningBack { get; init; }

    /// <summary>Reads an error that comes inside an answer with status 200.</summary>
    internal Func<ReadOnlyMemory<byte>, HarborException> ReadErrorInside { get; init; } = OpenAIErrorReader.InsideAnswer;
    /// <summary>Whether Responses gives reasoning in an encrypted form that can be sent back.</summary>
    internal bool EncryptsReasoning { get; init; }
}
