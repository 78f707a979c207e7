using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// Anthropic's error object, with the type and text that it usually has for a status.
internal static class ClaudeErrors
{
    public static RenderedReply UnknownRoute(RenderContext context) => Render(405, "invalid_request_error", $"Method Not Allowed: {context.Head.Method}", context);

    public static RenderedReply Render(int statusCode, string? type, string? message, RenderContext context)
    {
        (string usualType, string usualMessage) = statusCode switch
        {
            401 => ("authentication_error", "invalid x-api-key"),
            402 => ("billing_error", "Your billing information is out of date."),
            403 => ("permission_error", "Your API key does not have permission to use this model."),
            404 => ("not_found_error", $"model: {context.Body.Model ?? "unknown"}"),
            409 => ("conflict_error", "The request conflicts with another one."),
            413 => ("request_too_large", "Request exceeds the maximum size"),
            429 => ("rate_limit_error", "This request would exceed your organization's rate limit."),
            504 => ("timeout_error", "The request took too long."),
            503 or 529 => ("overloaded_error", "Overloaded"),
            >= 500 => ("api_error", "Internal server error"),
            _ => ("invalid_request_error", "The emulator's script calls this request invalid."),
        };
        byte[] body = JsonBytes.Write(json =>
        {
            json.WriteString("type", "error");
            json.WriteStartObject("error");
            json.WriteString("type", type ?? usualType);
            json.WriteString("message", message ?? usualMessage);
            json.WriteEndObject();
            json.WriteString("request_id", ClaudeProtocol.RequestId(context));
        });
        return new RenderedReply(statusCode, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }
}
