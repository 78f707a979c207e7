namespace HarborClient;

/// <summary>What CodeGeeX4's <c>/generate</c> is asked: <c>{ prompt, language, max_tokens, temperature }</c>. Immutable.</summary>
/// <param name="Prompt">What the code is to do.</param>
/// <param name="Language">The programming language, as in <c>csharp</c>.</param>
public sealed record CodeGenerationRequest(string Prompt, string Language)
{
    /// <summary>The maximum of tokens.</summary>
    /// <value>Default 1,024.</value>
    public int MaxTokens { get; init; } = 1024;

    /// <summary>How freely tokens are chosen.</summary>
    /// <value>Default 0.2.</value>
    public double Temperature { get; init; } = 0.2;
}
