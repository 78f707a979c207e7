using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// OpenAI's error object, with the type, code and text that it usually has for a status.
internal static class OpenAIErrors
{
    public static RenderedReply UnknownRoute(RenderContext context) =>
        Render(404, "invalid_request_error", null, $"Invalid URL ({context.Head.Method} {context.Head.Path})");

    public static RenderedReply Render(int statusCode, string? code, string? message, RenderContext context)
    {
        string model = context.Body.Model ?? "unknown";
        (string usualType, string? usualCode, string usualMessage) = statusCode switch
        {
            400 => ("invalid_request_error", null, "The emulator's script calls this request invalid."),
            401 => ("invalid_request_error", "invalid_api_key", "Incorrect API key provided: test-****."),
            402 => ("insufficient_quota", "insufficient_quota", "Insufficient balance."),
            403 => ("invalid_request_error", null, "You are not allowed to use this model."),
            404 => ("invalid_request_error", "model_not_found", $"The model `{model}` does not exist or you do not have access to it."),
            408 => ("timeout", null, "Request timed out."),
            413 => ("invalid_request_error", null, "Request body is too large."),
            429 => ("requests", "rate_limit_exceeded", $"Rate limit reached for {model}. Please try again later."),
            503 => ("server_error", null, "The server is overloaded or not ready yet."),
            >= 500 => ("server_error", null, "The server had an error while processing your request. Sorry about that!"),
            _ => ("invalid_request_error", (string?)null, "The request failed."),
        };
        bool isQuota = code == "insufficient_quota";
        return Render(
            statusCode,
            isQuota ? code! : usualType,
            code ?? usualCode,
            message ?? (isQuota ? "You exceeded your current quota, please check your plan and billing details." : usualMessage));
    }

    private static RenderedReply Render(int statusCode, string type, string? code, string message)
    {
        byte[] body = JsonBytes.Write(json =>
        {
            json.WriteStartObject("error");
            json.WriteString("message", message);
            json.WriteString("type", type);
            json.WriteNull("param");
            json.WriteString("code", code);
            json.WriteEndObject();
        });
        return new RenderedReply(statusCode, OpenAIProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }
}
