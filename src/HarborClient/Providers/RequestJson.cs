using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

/// <summary>What the request writers of all dialects share.</summary>
internal static class RequestJson
{
    /// <summary>The body is JSON for a JSON parser, never embedded in HTML: CJK and quotes stay readable and short.</summary>
    internal static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Whether a content is the model's refusal, as answers carry it.</summary>
    internal static bool IsRefusal(AIContent content) => content is ErrorContent { ErrorCode: "Refusal" };

    /// <summary>Writes a member whose value is a function's result as the text that the model reads.</summary>
    internal static void WriteResult(JsonBody body, ReadOnlySpan<byte> name, FunctionResultContent result, JsonSerializerOptions options)
    {
        if (result.Result is JsonElement { ValueKind: JsonValueKind.String } text && body.TryWriteText(name, text)) return;
        if (result.Result is null or string or TextContent or JsonElement { ValueKind: JsonValueKind.String }) body.WriteText(name, ResultText(result, options));
        else body.WriteJsonText(name, result.Result, RequestMembers.TypeInfoOf(result.Result.GetType(), "A function's result", options));
    }

    /// <summary>Whether a function's result is no text at all.</summary>
    internal static bool IsEmpty(FunctionResultContent result) => result.Result switch
    {
        string text => text.Length == 0,
        TextContent text => text.Text.Length == 0,
        null => result.Exception is null,
        JsonElement { ValueKind: JsonValueKind.String } text => text.ValueEquals(""u8),
        _ => false,
    };

    /// <summary>Writes a member whose value is the text of a JSON object: a function call's arguments.</summary>
    internal static void WriteArgumentsText(JsonBody body, ReadOnlySpan<byte> name, FunctionCallContent call, JsonSerializerOptions options)
    {
        if (call.Arguments is { } arguments) body.WriteJsonText(name, arguments, ArgumentsType(options));
        else body.Json.WriteString(name, "{}"u8);
    }

    /// <summary>Writes a member whose value is a JSON object: a function call's arguments.</summary>
    internal static void WriteArguments(JsonBody body, ReadOnlySpan<byte> name, FunctionCallContent call, JsonSerializerOptions options)
    {
        body.Json.WritePropertyName(name);
        if (call.Arguments is { } arguments)
        {
            JsonSerializer.Serialize(body.Json, arguments, ArgumentsType(options));
        }
        else
        {
            body.Json.WriteStartObject();
            body.Json.WriteEndObject();
        }
    }

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
        ? JsonSerializer.Serialize(arguments, ArgumentsType(options))
        : "{}";

    private static JsonTypeInfo ArgumentsType(JsonSerializerOptions options) => RequestMembers.TypeInfoOf(typeof(IDictionary<string, object?>), "A function call's arguments", options);
}
