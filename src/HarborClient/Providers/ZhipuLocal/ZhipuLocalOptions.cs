namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddZhipuLocal"/>: own services of Zhipu's open models.</summary>
/// <remarks>A key is optional, and plain http is allowed.</remarks>
public sealed class ZhipuLocalOptions : ProviderOptions;
