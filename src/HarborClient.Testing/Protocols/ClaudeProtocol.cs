using System.Globalization;
using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// Anthropic's Messages, and the counting of their tokens.
internal sealed class ClaudeProtocol : EmulatedProtocol
{
    private const string MessagesRoute = "/messages";
    private const string CountRoute = "/messages/count_tokens";

    public override RequestBody ReadBody(RequestHead head, byte[] bytes)
    {
        JsonElement? json = RequestBody.ParseJson(bytes);
        return new RequestBody(bytes, json, json?.Member("model")?.Text(), json?.Member("stream")?.ValueKind == JsonValueKind.True);
    }

    public override RenderedReply Answer(ReplySettings reply, RenderContext context)
    {
        RenderedReply rendered = context.Head.Method != "POST" ? ClaudeErrors.UnknownRoute(context)
            : Is(context.Head, CountRoute) ? Count(reply, context)
            : new ClaudeRenderer(reply, context).Render();
        bool isOverridden = reply.StatusCode != 200 && rendered.StatusCode == 200;
        return rendered with { StatusCode = isOverridden ? reply.StatusCode : rendered.StatusCode, Headers = Headers(context) };
    }

    public override RenderedReply Error(int statusCode, string? code, string? message, RenderContext context) =>
        ClaudeErrors.Render(statusCode, code, message, context) with { Headers = Headers(context) };

    public override long EstimatePromptTokens(RequestBody body) => PromptTokens(body);

    public override HeaderList LimitHeaders(LimitState requests, LimitState tokens)
    {
        var headers = new List<KeyValuePair<string, string>>();
        AddLimit(headers, "requests", requests);
        AddLimit(headers, "tokens", tokens);
        return headers;
    }

    public static string RequestId(RenderContext context) => string.Create(CultureInfo.InvariantCulture, $"req_emulated_{context.Number}");

    public static long PromptTokens(RequestBody body)
    {
        string[] counted = ["system", "messages", "tools"];
        return body.Json is { } json ? counted.Sum(name => json.Member(name) is { } member ? TokenEstimate.Of(member) : 0) : 0;
    }

    protected override bool Serves(RequestHead head) => Is(head, MessagesRoute) || Is(head, CountRoute);

    private static bool Is(RequestHead head, string route) => head.Route.EndsWith(route, StringComparison.Ordinal);

    private static RenderedReply Count(ReplySettings reply, RenderContext context)
    {
        byte[] body = JsonBytes.Write(json => json.WriteNumber("input_tokens", reply.Usage?.PromptTokens ?? PromptTokens(context.Body)));
        return new RenderedReply(200, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }

    private static KeyValuePair<string, string>[] Headers(RenderContext context) =>
        [new("request-id", RequestId(context)), new("anthropic-organization-id", "org_emulated")];

    private static void AddLimit(List<KeyValuePair<string, string>> headers, string unit, LimitState state)
    {
        if (state.Limit == 0) return;
        headers.Add(new($"anthropic-ratelimit-{unit}-limit", state.Limit.ToString(CultureInfo.InvariantCulture)));
        headers.Add(new($"anthropic-ratelimit-{unit}-remaining", state.Remaining.ToString(CultureInfo.InvariantCulture)));
        headers.Add(new($"anthropic-ratelimit-{unit}-reset", state.ResetAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
    }
}
