namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddGemini(string, Action{GeminiOptions}?)"/>.</summary>
public sealed class GeminiOptions : ProviderOptions
{
    /// <summary>Creates the options with the address of Google's Gemini API.</summary>
    public GeminiOptions() => Endpoint = new Uri("https://generativelanguage.googleapis.com/v1beta/");
}
