using System.Text.Json;
using System.Text.Json.Nodes;

namespace HarborClient.Tests.Face;

public sealed class GeminiGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "gemini";

    protected override string TelemetryName => "gcp.gemini";

    protected override string Model => "gemini-2.5-flash";

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) => builder.AddGemini(Emulated.Key, o => o.SendOnceThrough(handler));

    protected override string SystemTextOf(JsonElement body) =>
        string.Join('\n', body.GetProperty("systemInstruction").GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("text").GetString()));

    protected override double TemperatureOf(JsonElement body) => body.GetProperty("generationConfig").GetProperty("temperature").GetDouble();

    protected override object RawRequestWithTemperature(double temperature) => new JsonObject { ["generationConfig"] = new JsonObject { ["temperature"] = temperature } };
}
