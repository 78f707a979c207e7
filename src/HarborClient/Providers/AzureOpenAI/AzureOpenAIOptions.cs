using HarborClient.Errors;

namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddAzureOpenAI(Uri, string, Action{AzureOpenAIOptions}?)"/>. A model's id is the name of its deployment.</summary>
public sealed class AzureOpenAIOptions : ProviderOptions
{
    // A field and not a property: the configuration binder must not try to bind it.
    internal bool UsesBearer;

    /// <summary>The interface of chat calls that name none (<see cref="HarborChatOptions.OpenAIApi"/>).</summary>
    /// <value>Default <see cref="OpenAIApi.ChatCompletions"/>.</value>
    public OpenAIApi Api { get; set; }

    /// <summary>The version of the older interface, whose addresses name the deployment, such as <c>2024-10-21</c>.</summary>
    /// <value>Default <see langword="null"/>: the interface of <c>openai/v1/</c>, which needs none.</value>
    public string? ApiVersion { get; set; }

    internal override Uri? ApiRoot => Endpoint is { IsAbsoluteUri: true, AbsolutePath: "/", Query: "", Fragment: "" } resource
        ? new Uri(resource, ApiVersion is null ? "openai/v1/" : "openai/")
        : Endpoint;

    internal override void Check(string section)
    {
        SettingCheck.Defined<OpenAIApi>(Api, $"{section}.{nameof(Api)}");
        if (ApiVersion is null || (ApiVersion.Length > 0 && ApiVersion.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'))) return;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.{nameof(ApiVersion)} must be a version such as 2024-10-21.");
    }

    /// <summary>Authorizes with Microsoft Entra ID tokens instead of the resource's key.</summary>
    /// <param name="token">Called before every request; the token is sent as bearer.</param>
    public void UseBearerCredential(Func<CancellationToken, ValueTask<string>> token)
    {
        UseCredential(token);
        UsesBearer = true;
    }
}
