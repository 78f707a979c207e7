namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddLocal"/>: a host of one's own that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama and others).</summary>
/// <remarks>A key is optional, and plain http is allowed.</remarks>
public sealed class LocalOptions : ProviderOptions;
