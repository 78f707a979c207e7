namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddGemini"/>.</summary>
public sealed class GeminiOptions : ProviderOptions
{
    /// <summary>Creates the options with the documented address.</summary>
    public GeminiOptions() => Endpoint = new Uri("https://generativelanguage.googleapis.com/v1beta/");
}
