using HarborClient.Errors;

namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddLocal"/>: a host of one's own that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama and others).</summary>
/// <remarks>A key is optional, and plain http is allowed.</remarks>
public sealed class LocalOptions : ProviderOptions
{
    /// <summary>The interface of chat calls that name none (<see cref="HarborChatOptions.OpenAIApi"/>); vLLM, LM Studio and GPUStack are among those that have both.</summary>
    /// <value>Default <see cref="OpenAIApi.ChatCompletions"/>.</value>
    public OpenAIApi Api { get; set; }

    internal override void Check(string section) => SettingCheck.Defined<OpenAIApi>(Api, $"{section}.{nameof(Api)}");
}
