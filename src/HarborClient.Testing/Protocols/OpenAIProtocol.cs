using System.Globalization;
using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// Chat completions, responses, embeddings and the model list of OpenAI and of everyone who copied it.
internal sealed class OpenAIProtocol : EmulatedProtocol
{
    public const string JsonContentType = "application/json";

    private const string ChatRoute = "/chat/completions";
    private const string ResponsesRoute = "/responses";
    private const string EmbeddingsRoute = "/embeddings";
    private const string ModelsRoute = "/models";

    public override RequestBody ReadBody(RequestHead head, byte[] bytes)
    {
        JsonElement? json = RequestBody.ParseJson(bytes);
        string? model = json?.Member("model") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;
        return new RequestBody(bytes, json, model, json?.Member("stream")?.ValueKind == JsonValueKind.True);
    }

    public override RenderedReply Answer(ReplySettings reply, RenderContext context)
    {
        RenderedReply rendered = context.Head switch
        {
            { Method: "POST" } when Is(context.Head, ChatRoute) => new OpenAIChatRenderer(reply, context).Render(),
            { Method: "POST" } when Is(context.Head, ResponsesRoute) => new OpenAIResponsesRenderer(reply, context).Render(),
            { Method: "POST" } when Is(context.Head, EmbeddingsRoute) => OpenAIEmbeddingsRenderer.Render(reply, context),
            { Method: "GET" } when Is(context.Head, ModelsRoute) => RenderModels(context),
            _ => OpenAIErrors.UnknownRoute(context),
        };
        bool isOverridden = reply.StatusCode != 200 && rendered.StatusCode == 200;
        return rendered with { StatusCode = isOverridden ? reply.StatusCode : rendered.StatusCode, Headers = Headers(context) };
    }

    public override RenderedReply Error(int statusCode, string? code, string? message, RenderContext context) =>
        OpenAIErrors.Render(statusCode, code, message, context) with { Headers = Headers(context) };

    public override long EstimatePromptTokens(RequestBody body) => PromptTokens(body);

    public override HeaderList LimitHeaders(LimitState requests, LimitState tokens)
    {
        var headers = new List<KeyValuePair<string, string>>();
        AddLimit(headers, "requests", requests);
        AddLimit(headers, "tokens", tokens);
        return headers;
    }

    public static long PromptTokens(RequestBody body)
    {
        string[] counted = new[] { "messages", "instructions", "tools", "input", "response_format" };
        return body.Json is { } json ? counted.Sum(name => json.Member(name) is { } member ? TokenEstimate.Of(member) : 0) : 0;
    }

    protected override bool Serves(RequestHead head) => Is(head, ChatRoute) || Is(head, ResponsesRoute) || Is(head, EmbeddingsRoute) || Is(head, ModelsRoute);

    private static bool Is(RequestHead head, string route) => head.Route.EndsWith(route, StringComparison.Ordinal);

    private static RenderedReply RenderModels(RenderContext context)
    {
        byte[] body = JsonBytes.Write(json =>
        {
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (string model in context.Models)
            {
                json.WriteStartObject();
                json.WriteString("id", model);
                json.WriteString("object", "model");
                json.WriteNumber("created", context.Now.ToUnixTimeSeconds());
                json.WriteString("owned_by", "emulator");
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
        return new RenderedReply(200, JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }

    private static KeyValuePair<string, string>[] Headers(RenderContext context) =>
    [
        new("x-request-id", string.Create(CultureInfo.InvariantCulture, $"req_emulated_{context.Number}")),
        new("openai-version", "2020-10-01"),
        new("openai-processing-ms", "1"),
    ];

    private static void AddLimit(List<KeyValuePair<string, string>> headers, string unit, LimitState state)
    {
        if (state.Limit == 0) return;
        headers.Add(new($"x-ratelimit-limit-{unit}", state.Limit.ToString(CultureInfo.InvariantCulture)));
        headers.Add(new($"x-ratelimit-remaining-{unit}", state.Remaining.ToString(CultureInfo.InvariantCulture)));
        headers.Add(new($"x-ratelimit-reset-{unit}", GoDuration(state.ResetAfter)));
    }

    // As OpenAI writes them: "6m0s", "1.5s", "20ms".
    private static string GoDuration(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1)) return string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMilliseconds)}ms");
        long minutes = (long)time.TotalMinutes;
        double seconds = Math.Round(time.TotalSeconds - (minutes * 60), 3);
        return minutes > 0 ? string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}s") : string.Create(CultureInfo.InvariantCulture, $"{seconds}s");
    }
}
