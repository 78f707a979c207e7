namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddZhipu"/>.</summary>
public sealed class ZhipuOptions : ProviderOptions
{
    /// <summary>Creates the options with the documented address.</summary>
    public ZhipuOptions() => Endpoint = new Uri("https://open.bigmodel.cn/api/paas/v4/");
}
