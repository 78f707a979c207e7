using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

/// <summary>What the request writers of all dialects share.</summary>
internal static class RequestJson
{
    /// <summary>The body is JSON for a JSON parser, never embedded in HTML: CJK and quotes stay readable and short.</summary>
    internal static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Whether a content is the model's refusal, as answers carry it.</summary>
    internal static bool IsRefusal(AIContent content) => content is ErrorContent { ErrorCode: "Refusal" };

    /// <summary>A function's result as the text that the model reads.</summary>
    internal static string ResultText(FunctionResultContent result, JsonSerializerOptions options) => result.Result switch
    {
        string text => text,
        TextContent text => text.Text,
        null => result.Exception is { } error ? $"Error: {error.Message}" : "",
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        object value => JsonSerializer.Serialize(value, RequestMembers.TypeInfoOf(value.GetType(), "A function's result", options)),
    };

    /// <summary>A function call's arguments as the text of a JSON object.</summary>
    internal static string ArgumentsText(FunctionCallContent call, JsonSerializerOptions options) => call.Arguments is { } arguments
        ? JsonSerializer.Serialize(arguments, RequestMembers.TypeInfoOf(typeof(IDictionary<string, object?>), "A function call's arguments", options))
        : "{}";
}
