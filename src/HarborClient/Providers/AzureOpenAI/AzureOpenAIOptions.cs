namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddAzureOpenAI"/>.</summary>
public sealed class AzureOpenAIOptions : ProviderOptions
{
    /// <summary>Authorizes with Microsoft Entra ID tokens instead of the resource's key.</summary>
    /// <param name="token">Called before every request; the token is sent as bearer.</param>
    public void UseBearerCredential(Func<CancellationToken, ValueTask<string>> token) => UseCredential(token);
}
