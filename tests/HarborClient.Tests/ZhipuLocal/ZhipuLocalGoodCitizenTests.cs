using System.Text.Json;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.ZhipuLocal;

public sealed class ZhipuLocalGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "zhipu-local";

    protected override string Model => "chatglm3-6b";

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) => builder.AddZhipuLocal(Emulated.LocalEndpoint, o => o.SendOnceThrough(handler));

    protected override string SystemTextOf(JsonElement body) => ChatCompletions.SystemTextOf(body);
}
