using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// Google's error object, with the status word and text that it usually has.
internal static class GeminiErrors
{
    public static RenderedReply Render(int statusCode, string? code, string? message, RenderContext context)
    {
        (string status, string usual) = statusCode switch
        {
            400 => ("INVALID_ARGUMENT", "The emulator's script calls this request invalid."),
            401 => ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
            403 => ("PERMISSION_DENIED", "The caller does not have permission."),
            404 => ("NOT_FOUND", $"models/{context.Body.Model} is not found for API version v1beta, or is not supported for generateContent."),
            409 => ("ABORTED", "The operation was aborted."),
            429 => ("RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."),
            499 => ("CANCELLED", "The operation was cancelled."),
            501 => ("UNIMPLEMENTED", "Operation is not implemented, or supported, or enabled."),
            503 => ("UNAVAILABLE", "The model is overloaded. Please try again later."),
            504 => ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
            >= 500 => ("INTERNAL", "An internal error has occurred. Please retry."),
            _ => ("FAILED_PRECONDITION", "The request failed."),
        };
        byte[] body = JsonBytes.Write(json =>
        {
            json.WriteStartObject("error");
            json.WriteNumber("code", statusCode);
            json.WriteString("message", message ?? usual);
            json.WriteString("status", code ?? status);
            json.WriteEndObject();
        });
        return new RenderedReply(statusCode, GeminiProtocol.JsonContentType, [new WireEvent(WireEventKind.Update, body)]);
    }
}
