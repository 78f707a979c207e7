namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddZhipuLocal"/>: own services of Zhipu's open models, on one host or several.</summary>
/// <remarks>
/// A key is optional, and plain http is allowed; a key goes to all hosts named here. Without further settings the endpoint is taken for an OpenAI-compatible
/// server (vLLM) and each model's way to end an answer is chosen by its name; see <see cref="Profiles"/>.
/// </remarks>
public sealed class ZhipuLocalOptions : ProviderOptions
{
    /// <summary>Services beside the endpoint's chat, by name: chat servers on other addresses, and services with JSON of their own.</summary>
    /// <value>Default: none. Names consist of ASCII letters, digits, '-', '_' and '.'; <c>zhipu-local/{name}</c> is the service.</value>
    public IDictionary<string, ZhipuLocalServiceOptions> Services { get; } = new Dictionary<string, ZhipuLocalServiceOptions>(StringComparer.Ordinal);

    /// <summary>Which server a model runs on, by model id, where its name does not say it.</summary>
    /// <value>
    /// Default: names that contain "chatglm3" are <see cref="ZhipuLocalProfile.ChatGlm3"/>, "codegeex" <see cref="ZhipuLocalProfile.CodeGeeX"/>, "cogagent"
    /// <see cref="ZhipuLocalProfile.CogAgent"/>, others <see cref="ZhipuLocalProfile.OpenAI"/>.
    /// </value>
    public IDictionary<string, ZhipuLocalProfile> Profiles { get; } = new Dictionary<string, ZhipuLocalProfile>(StringComparer.Ordinal);
}
