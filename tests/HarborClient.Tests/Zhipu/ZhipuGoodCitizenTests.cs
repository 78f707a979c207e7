using System.Text.Json;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Zhipu;

public sealed class ZhipuGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "zhipu";

    protected override string Model => ZhipuClients.Model;

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) => builder.AddZhipu(ZhipuClients.Key, o => o.SendOnceThrough(handler));

    protected override string SystemTextOf(JsonElement body) => ChatCompletions.SystemTextOf(body);
}
