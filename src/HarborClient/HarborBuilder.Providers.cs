using HarborClient.Providers.AzureOpenAI;
using HarborClient.Providers.Claude;
using HarborClient.Providers.Gemini;
using HarborClient.Providers.Local;
using HarborClient.Providers.OpenAI;
using HarborClient.Providers.Zhipu;
using HarborClient.Providers.ZhipuLocal;

namespace HarborClient;

/// <content>The providers that can be added; each is a folder of Providers.</content>
public sealed partial class HarborBuilder
{
    /// <summary>Adds OpenAI; its models are named <c>openai/…</c>.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddOpenAI(string key, Action<OpenAIOptions>? configure = null) => RegisterOpenAI(WithKey(new OpenAIOptions(), key, configure));

    /// <summary>Adds OpenAI with keys that come from elsewhere; its models are named <c>openai/…</c>.</summary>
    /// <param name="configure">Says where the keys are (<see cref="ProviderOptions.UseSecrets"/>, <see cref="ProviderOptions.UseCredential"/>, <see cref="ProviderOptions.Keys"/>), and whatever else.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddOpenAI(Action<OpenAIOptions> configure) => RegisterOpenAI(Configured(new OpenAIOptions(), configure));

    /// <summary>Adds an Azure OpenAI resource; its deployments are named <c>azure/…</c>.</summary>
    /// <param name="resource">The resource's address, such as <c>https://name.openai.azure.com/</c>; <c>openai/v1/</c> is added to an address without a path.</param>
    /// <param name="key">The resource's key; for Microsoft Entra ID see <see cref="AzureOpenAIOptions.UseBearerCredential"/>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddAzureOpenAI(Uri resource, string key, Action<AzureOpenAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return RegisterAzureOpenAI(WithKey(new AzureOpenAIOptions { Endpoint = resource }, key, configure));
    }

    /// <summary>Adds an Azure OpenAI resource that is asked without its key, by Microsoft Entra ID; its deployments are named <c>azure/…</c>.</summary>
    /// <param name="resource">The resource's address, such as <c>https://name.openai.azure.com/</c>; <c>openai/v1/</c> is added to an address without a path.</param>
    /// <param name="configure">Sets <see cref="AzureOpenAIOptions.UseBearerCredential"/>, and whatever else.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddAzureOpenAI(Uri resource, Action<AzureOpenAIOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return RegisterAzureOpenAI(Configured(new AzureOpenAIOptions { Endpoint = resource }, configure));
    }

    /// <summary>Adds Anthropic's Claude; its models are named <c>claude/…</c>.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddClaude(string key, Action<ClaudeOptions>? configure = null) => RegisterClaude(WithKey(new ClaudeOptions(), key, configure));

    /// <summary>Adds Anthropic's Claude with keys that come from elsewhere; its models are named <c>claude/…</c>.</summary>
    /// <param name="configure">Says where the keys are (<see cref="ProviderOptions.UseSecrets"/>, <see cref="ProviderOptions.UseCredential"/>, <see cref="ProviderOptions.Keys"/>), and whatever else.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddClaude(Action<ClaudeOptions> configure) => RegisterClaude(Configured(new ClaudeOptions(), configure));

    /// <summary>Adds Google's Gemini; its models are named <c>gemini/…</c>.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddGemini(string key, Action<GeminiOptions>? configure = null) => RegisterGemini(WithKey(new GeminiOptions(), key, configure));

    /// <summary>Adds Google's Gemini with keys that come from elsewhere; its models are named <c>gemini/…</c>.</summary>
    /// <param name="configure">Says where the keys are (<see cref="ProviderOptions.UseSecrets"/>, <see cref="ProviderOptions.UseCredential"/>, <see cref="ProviderOptions.Keys"/>), and whatever else.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddGemini(Action<GeminiOptions> configure) => RegisterGemini(Configured(new GeminiOptions(), configure));

    /// <summary>Adds Zhipu's cloud; its models are named <c>zhipu/…</c>.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddZhipu(string key, Action<ZhipuOptions>? configure = null) => RegisterZhipu(WithKey(new ZhipuOptions(), key, configure));

    /// <summary>Adds Zhipu's cloud with keys that come from elsewhere; its models are named <c>zhipu/…</c>.</summary>
    /// <param name="configure">Says where the keys are (<see cref="ProviderOptions.UseSecrets"/>, <see cref="ProviderOptions.UseCredential"/>, <see cref="ProviderOptions.Keys"/>), and whatever else.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddZhipu(Action<ZhipuOptions> configure) => RegisterZhipu(Configured(new ZhipuOptions(), configure));

    /// <summary>Adds own services of Zhipu's open models (ChatGLM3, CodeGeeX4, CogAgent, CogVideoX); their models are named <c>zhipu-local/…</c>.</summary>
    /// <param name="endpoint">The API root with its version segment, such as <c>http://gpu0:8000/v1/</c>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddZhipuLocal(Uri endpoint, Action<ZhipuLocalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var options = new ZhipuLocalOptions { Endpoint = endpoint };
        configure?.Invoke(options);
        return RegisterZhipuLocal(options);
    }

    /// <summary>Adds a host of one's own that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama and others); its models are named <c>{name}/…</c>.</summary>
    /// <param name="name">The provider's name: ASCII letters, digits, '-', '_' and '.'.</param>
    /// <param name="endpoint">The API root with its version segment, such as <c>http://gpu1:8000/v1/</c>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddLocal(string name, Uri endpoint, Action<LocalOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(endpoint);
        var options = new LocalOptions { Endpoint = endpoint };
        configure?.Invoke(options);
        return RegisterLocal(name, options);
    }

    internal HarborBuilder RegisterOpenAI(OpenAIOptions options) =>
        Add(OpenAIProvider.DefaultName, "OpenAI", options, isLocal: false, (setup, counters, time) => new OpenAIProvider(setup, options, counters, time));

    internal HarborBuilder RegisterAzureOpenAI(AzureOpenAIOptions options) =>
        Add(AzureOpenAIProvider.DefaultName, "AzureOpenAI", options, isLocal: false, (setup, counters, time) => new AzureOpenAIProvider(setup, options, counters, time));

    internal HarborBuilder RegisterClaude(ClaudeOptions options) =>
        Add(ClaudeProvider.DefaultName, "Claude", options, isLocal: false, (setup, counters, time) => new ClaudeProvider(setup, ClaudeSettings.From(options), counters, time));

    internal HarborBuilder RegisterGemini(GeminiOptions options) =>
        Add(GeminiProvider.DefaultName, "Gemini", options, isLocal: false, static (setup, counters, time) => new GeminiProvider(setup, counters, time));

    internal HarborBuilder RegisterZhipu(ZhipuOptions options)
    {
        bool signs = options.SignsTokens();
        return Add(ZhipuProvider.DefaultName, "Zhipu", options, isLocal: false, (setup, counters, time) => new ZhipuProvider(setup, counters, time, signs));
    }

    internal HarborBuilder RegisterZhipuLocal(ZhipuLocalOptions options)
    {
        LocalServices services = LocalServices.From(options, "ZhipuLocal");
        return Add(ZhipuLocalProvider.DefaultName, "ZhipuLocal", options, isLocal: true, (setup, counters, time) => new ZhipuLocalProvider(setup, services, counters, time));
    }

    internal HarborBuilder RegisterLocal(string name, LocalOptions options) =>
        Add(name, $"Local.{name}", options, isLocal: true, (setup, counters, time) => new LocalProvider(setup, options, counters, time));

    private static TOptions Configured<TOptions>(TOptions options, Action<TOptions> configure) where TOptions : ProviderOptions
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(options);
        return options;
    }

    private static TOptions WithKey<TOptions>(TOptions options, string key, Action<TOptions>? configure) where TOptions : ProviderOptions
    {
        ArgumentNullException.ThrowIfNull(key);
        options.Keys.Add(key);
        configure?.Invoke(options);
        return options;
    }
}
