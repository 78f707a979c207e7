using System.Globalization;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// Chat completions and embeddings of Zhipu's cloud, on both sites and for the coding plan.
internal sealed class ZhipuProtocol : EmulatedProtocol
{
    private const string Root = "/paas/v4/";

    private readonly OpenAIProtocol _family = new();

    public override RequestBody ReadBody(RequestHead head, byte[] bytes) => _family.ReadBody(head, bytes);

    public override RenderedReply Answer(ReplySettings reply, RenderContext context)
    {
        RenderedReply rendered = context.Head switch
        {
            { Method: "POST" } when context.Head.Route.EndsWith("/chat/completions", StringComparison.Ordinal) => new ZhipuChatRenderer(reply, context).Render(),
            { Method: "POST" } when context.Head.Route.EndsWith("/embeddings", StringComparison.Ordinal) => OpenAIEmbeddingsRenderer.Render(reply, context),
            _ => Error(404, "404", $"404 NOT_FOUND ({context.Head.Route})", context),
        };
        bool isOverridden = reply.StatusCode != 200 && rendered.StatusCode == 200;
        return rendered with { StatusCode = isOverridden ? reply.StatusCode : rendered.StatusCode, Headers = Headers(context) };
    }

    public override RenderedReply Error(int statusCode, string? code, string? message, RenderContext context)
    {
        (string usualCode, string usualMessage) = statusCode switch
        {
            401 => ("1002", "Authorization Token is invalid."),
            402 => ("1113", "Insufficient balance or no resource package. Please recharge."),
            403 => ("1220", "You do not have permission to access this API."),
            404 => ("1211", "Unknown Model, please check the model code."),
            408 => ("1234", "Network error, please try again later."),
            429 => ("1302", "Rate limit reached for requests"),
            503 => ("1305", "The service may be temporarily overloaded, please try again later"),
            >= 500 => ("500", "Internal Server Error"),
            _ => ("1210", "Invalid API parameter, please check the documentation."),
        };
        byte[] body = JsonBytes.Write(json =>
        {
            json.WriteStartObject("error");
            json.WriteString("code", code ?? usualCode);
            json.WriteString("message", message ?? usualMessage);
            json.WriteEndObject();
            json.WriteString("request_id", IdOf(context));
        });
        return new RenderedReply(statusCode, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]) { Headers = Headers(context) };
    }

    public override long EstimatePromptTokens(RequestBody body) => OpenAIProtocol.PromptTokens(body);

    // Zhipu says nothing of its limits.
    public override HeaderList LimitHeaders(LimitState requests, LimitState tokens) => [];

    // The request's own id, where it has one.
    public static string RequestId(RenderContext context) => context.Body.Json?.Member("request_id")?.Text() ?? IdOf(context);

    public static string IdOf(RenderContext context) => string.Create(CultureInfo.InvariantCulture, $"20260101000000emulated{context.Number:D8}");

    protected override bool Serves(RequestHead head) => head.Route.Contains(Root, StringComparison.Ordinal);

    private static KeyValuePair<string, string>[] Headers(RenderContext context) => [new("x-log-id", IdOf(context))];
}
