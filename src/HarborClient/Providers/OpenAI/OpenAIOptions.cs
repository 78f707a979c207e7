namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddOpenAI"/>.</summary>
public sealed class OpenAIOptions : ProviderOptions
{
    /// <summary>Creates the options with OpenAI's address.</summary>
    public OpenAIOptions() => Endpoint = new Uri("https://api.openai.com/v1/");
}
