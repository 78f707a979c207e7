namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddClaude(string, Action{ClaudeOptions}?)"/>.</summary>
/// <remarks>
/// Claude asks every call for a maximum of output tokens. Where neither the call nor <see cref="ProviderOptions.DefaultMaxOutputTokens"/> sets one, it is
/// 16,000; 8,192 for Claude 3.5 and 4,096 for Claude 3, which take no more. <see cref="ProviderOptions.DefaultTemperature"/> goes up to 1.
/// </remarks>
public sealed class ClaudeOptions : ProviderOptions
{
    /// <summary>Creates the options with the documented address.</summary>
    public ClaudeOptions() => Endpoint = new Uri("https://api.anthropic.com/v1/");

    /// <summary>Beta features that every request asks for (the header <c>anthropic-beta</c>), such as <c>context-1m-2025-08-07</c>.</summary>
    /// <value>Default: none. Visible ASCII without commas.</value>
    /// <remarks>
    /// A single call asks for more with <c>AdditionalProperties["betas"]</c>, a text or a list of texts. What hosted files, the code interpreter and MCP
    /// servers need is added by itself.
    /// </remarks>
    public IList<string> BetaFeatures { get; } = [];

    /// <summary>Whether the client marks what Claude is to keep in its prompt cache.</summary>
    /// <value>Default <see cref="ClaudePromptCaching.Auto"/>.</value>
    public ClaudePromptCaching PromptCaching { get; set; } = ClaudePromptCaching.Auto;

    /// <summary>How long Claude keeps what <see cref="PromptCaching"/> marks; each reading starts the time again.</summary>
    /// <value>Default 5 minutes; the other choice is 1 hour, whose writing costs twice the price of input instead of 1.25 times.</value>
    public TimeSpan PromptCacheTtl { get; set; } = TimeSpan.FromMinutes(5);
}
