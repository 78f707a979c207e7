using System.Text.Json;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.OpenAI;

public sealed class ResponsesGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "openai";

    protected override string Model => "gpt-4o-mini";

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) => builder.AddOpenAI(Emulated.Key, o =>
    {
        o.Api = OpenAIApi.Responses;
        o.SendOnceThrough(handler);
    });

    protected override string SystemTextOf(JsonElement body) =>
        body.GetProperty("instructions").GetString() + "\n" + string.Join(
            '\n',
            body.GetProperty("input").EnumerateArray().Where(item => item.GetProperty("role").GetString() == "system").Select(item => item.GetProperty("content").GetString()));
}

public sealed class AzureGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "azure";

    protected override string TelemetryName => "azure.ai.openai";

    protected override string Model => "my-deployment";

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) =>
        builder.AddAzureOpenAI(new Uri("https://name.openai.azure.com/"), Emulated.Key, o => o.SendOnceThrough(handler));

    protected override string SystemTextOf(JsonElement body) => ChatCompletions.SystemTextOf(body);
}
