using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// The methods of Google's models resource: the model and what is asked of it are in the path.
internal sealed class GeminiProtocol : EmulatedProtocol
{
    public const string JsonContentType = "application/json; charset=UTF-8";

    private const string Stream = "streamGenerateContent";

    private static readonly string[] Methods = ["generateContent", Stream, "embedContent", "batchEmbedContents", "countTokens"];

    public override RequestBody ReadBody(RequestHead head, byte[] bytes) =>
        new(bytes, RequestBody.ParseJson(bytes), ModelOf(head), MethodOf(head) == Stream);

    public override RenderedReply Answer(ReplySettings reply, RenderContext context)
    {
        RenderedReply rendered = MethodOf(context.Head) switch
        {
            _ when context.Head.Method != "POST" => Error(404, null, "Method not found.", context),
            "embedContent" or "batchEmbedContents" => GeminiEmbeddingsRenderer.Render(reply, context),
            "countTokens" => RenderTokenCount(reply, context),
            _ => new GeminiRenderer(reply, context).Render(),
        };
        bool isOverridden = reply.StatusCode != 200 && rendered.StatusCode == 200;
        return rendered with { StatusCode = isOverridden ? reply.StatusCode : rendered.StatusCode };
    }

    public override RenderedReply Error(int statusCode, string? code, string? message, RenderContext context) => GeminiErrors.Render(statusCode, code, message, context);

    public override long EstimatePromptTokens(RequestBody body) => PromptTokens(body.Json);

    // Google sends none.
    public override HeaderList LimitHeaders(LimitState requests, LimitState tokens) => [];

    public static long PromptTokens(JsonElement? body)
    {
        string[] counted = ["contents", "systemInstruction", "tools", "content", "requests"];
        return body is { } json ? counted.Sum(name => json.Member(name) is { } member ? TokenEstimate.Of(member) : 0) : 0;
    }

    protected override bool Serves(RequestHead head) => Array.IndexOf(Methods, MethodOf(head)) >= 0;

    private static RenderedReply RenderTokenCount(ReplySettings reply, RenderContext context)
    {
        JsonElement? counted = context.Body.Json?.Member("generateContentRequest") ?? context.Body.Json;
        byte[] body = JsonBytes.Write(json => json.WriteNumber("totalTokens", reply.Usage?.PromptTokens ?? PromptTokens(counted)));
        return new RenderedReply(200, JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }

    private static string MethodOf(RequestHead head) => head.Route[(head.Route.LastIndexOf(':') + 1)..];

    private static string? ModelOf(RequestHead head)
    {
        int end = head.Route.LastIndexOf(':');
        int start = end < 0 ? -1 : head.Route.LastIndexOf('/', end);
        return start < 0 ? null : Uri.UnescapeDataString(head.Route[(start + 1)..end]);
    }
}
