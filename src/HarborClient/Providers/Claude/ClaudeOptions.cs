namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddClaude"/>.</summary>
public sealed class ClaudeOptions : ProviderOptions
{
    /// <summary>Creates the options with the documented address.</summary>
    public ClaudeOptions() => Endpoint = new Uri("https://api.anthropic.com/v1/");
}
