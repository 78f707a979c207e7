using HarborClient.Errors;

namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddLocal"/>: a host of one's own that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama and others).</summary>
/// <remarks>A key is optional, and plain http is allowed.</remarks>
public sealed class LocalOptions : ProviderOptions
{
    /// <summary>Whether <see cref="FastClient.CountTokensAsync"/> asks the host, by vLLM's <c>POST tokenize</c> beside the version segment of <see cref="ProviderOptions.Endpoint"/>.</summary>
    /// <value>Default <see langword="false"/>: tokens are estimated without a request.</value>
    public bool HasTokenizeEndpoint { get; set; }

    /// <summary>
    /// Whether the host continues an answer that another one began, as vLLM and SGLang do with <c>continue_final_message</c>. Only such a host is asked to by
    /// <see cref="MidStreamPolicy.Continue"/>.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    /// <remarks>Chat completions only. A host that does not know the member would answer anew, in the middle of the text: set it where the host is known to.</remarks>
    public bool ContinuesAnswers { get; set; }

    /// <summary>The interface of chat calls that name none (<see cref="HarborChatOptions.OpenAIApi"/>); vLLM, LM Studio and GPUStack are among those that have both.</summary>
    /// <value>Default <see cref="OpenAIApi.ChatCompletions"/>.</value>
    public OpenAIApi Api { get; set; }

    internal override void Check(string section) => SettingCheck.Defined<OpenAIApi>(Api, $"{section}.{nameof(Api)}");
}
