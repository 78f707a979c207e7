using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.OpenAI;

// Clients that speak the Responses API, and raw answers for them.
internal static class ResponsesClients
{
    public const string Created = """{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1700000000,"status":"in_progress","model":"gpt-5-mini","output":[],"store":true}}""";

    public static FastClient Of(ProviderEmulator provider, Action<HarborBuilder>? more = null, string model = "openai/gpt-4o-mini") => FastClient.Create(h =>
    {
        h.AddOpenAI(Emulated.Key, o =>
        {
            o.Api = OpenAIApi.Responses;
            o.Endpoint = Emulated.OpenAIEndpoint;
            o.SendOnceThrough(provider.CreateHandler());
        }).UseDefaultModel(model);
        more?.Invoke(h);
    });

    // Events as OpenAI frames them.
    public static string Stream(params string[] events) => string.Concat(events.Select(data => $"event: e\ndata: {data}\n\n"));

    public static FastClient Streaming(params string[] events) => Of(new ProviderEmulator().ThenRaw(Stream(events), "text/event-stream"));

    public static FastClient Plain(string body) => Of(new ProviderEmulator().ThenRaw(body, "application/json"));

    public static string Completed(string output = "[]", string rest = "\"status\":\"completed\"") =>
        $$$"""{"type":"response.completed","response":{"id":"resp_1","model":"gpt-5-mini","store":true,"output":{{{output}}},{{{rest}}} }}""";

    public static string Item(string kind, int index, string item) => $$"""{"type":"response.output_item.{{kind}}","output_index":{{index}},"item":{{item}} }""";

    public static string Delta(string of, int index, string delta) => $$"""{"type":"response.{{of}}.delta","item_id":"x","output_index":{{index}},"delta":"{{delta}}"}""";

    public static async Task<ChatResponse> FoldedAsync(this FastClient client) => (await client.UpdatesAsync()).ToHarborResponse();

    public static List<AIContent> Contents(this ChatResponse answer) => [.. answer.Messages.SelectMany(message => message.Contents)];

    public static async Task<HarborException> StreamFailureAsync(this FastClient client)
    {
        Func<Task> call = () => client.UpdatesAsync();
        return (await call.Should().ThrowAsync<HarborException>()).Which;
    }
}
