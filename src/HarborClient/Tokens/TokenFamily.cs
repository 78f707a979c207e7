namespace HarborClient.Tokens;

/// <summary>
/// Models that count alike: the vocabulary that comes nearest, and what a request costs beyond its text before anything has been learned. Where no provider
/// documents a figure it is a round one, of the size that recorded answers report. Immutable.
/// </summary>
internal sealed class TokenFamily
{
    /// <summary>What a picture costs where nothing better is known: 1,024 × 1,024 in four tiles of 170 and a base of 85, as OpenAI documents for GPT-4o.</summary>
    private const int CommonImageTokens = 765;

    /// <summary>OpenAI's documented 3 tokens a message and its role, and 3 that open the answer; functions are shown to the model in a form about half as long as their JSON.</summary>
    private static readonly TokenFamily NewOpenAI = new(TokenWeights.O200k, [1.0, 3, 4, 10, 0.6, 5, 0.6, 0]);

    private static readonly TokenFamily OldOpenAI = new(TokenWeights.Cl100k, [1.0, 3, 4, 10, 0.65, 5, 0.65, 0]);

    /// <summary>OpenAI's open models: the harmony format has a system text of its own.</summary>
    private static readonly TokenFamily OpenOpenAI = new(TokenWeights.O200k, [1.0, 60, 4, 20, 1.0, 20, 1.0, 0]);

    /// <summary>
    /// A larger count than OpenAI's for the same text, and a documented system prompt of about 340 tokens where tools are offered. Pictures: width × height
    /// / 750, at most about 1,568.
    /// </summary>
    private static readonly TokenFamily Claude = new(TokenWeights.Cl100k, [1.15, 3, 4, 340, 1.15, 150, 1.15, 28]) { ImageTokens = 1568, CountsSilencedTools = true };

    /// <summary>Almost nothing is charged beyond the text, and an answer's schema not at all. Pictures: 258 tokens a tile.</summary>
    private static readonly TokenFamily Gemini = new(TokenWeights.O200k, [1.0, 1, 0.5, 0, 0.6, 0, 0, 0]) { ImageTokens = 258 };

    private static readonly TokenFamily Glm = new(TokenWeights.Cl100k, [1.0, 4, 3, 100, 1.1, 20, 1.1, 0]);

    /// <summary>Open models: their chat templates name the role in a few tokens and print functions as JSON below a preamble.</summary>
    private static readonly TokenFamily Open = new(TokenWeights.Cl100k, [1.05, 3, 4, 90, 1.1, 10, 1.1, 0]);

    /// <summary>How a model's id begins, without what stands before its last '/'. The first that fits counts.</summary>
    private static readonly (string Start, TokenFamily Family)[] Starts =
    [
        ("gpt-oss", OpenOpenAI), ("gpt-4o", NewOpenAI), ("gpt-4.", NewOpenAI), ("gpt-4", OldOpenAI), ("gpt-3", OldOpenAI), ("gpt-", NewOpenAI), ("chatgpt", NewOpenAI),
        ("o1", NewOpenAI), ("o3", NewOpenAI), ("o4", NewOpenAI), ("gemini", Gemini), ("gemma", Gemini), ("glm", Glm), ("chatglm", Glm), ("codegeex", Glm),
    ];

    private readonly double[] _priors;

    private TokenFamily(TokenWeights weights, double[] priors)
    {
        Weights = weights;
        _priors = priors;
    }

    internal TokenWeights Weights { get; }

    /// <summary>
    /// What each feature of a request is worth: a token of text, a request, a message, that there are functions, a token of their JSON, that there is a
    /// schema for the answer, a token of it, that the model is asked to think.
    /// </summary>
    internal ReadOnlySpan<double> Priors => _priors;

    internal double ImageTokens { get; private init; } = CommonImageTokens;

    /// <summary>Whether functions are charged although the call forbids their use.</summary>
    internal bool CountsSilencedTools { get; private init; }

    internal static TokenFamily Of(string model)
    {
        string id = model[(model.LastIndexOf('/') + 1)..];
        foreach ((string start, TokenFamily family) in Starts)
        {
            if (id.StartsWith(start, StringComparison.OrdinalIgnoreCase)) return family;
        }

        // Clouds put their own words before it: databricks-claude-…, us.anthropic.claude-….
        return id.Contains("claude", StringComparison.OrdinalIgnoreCase) ? Claude : Open;
    }
}
