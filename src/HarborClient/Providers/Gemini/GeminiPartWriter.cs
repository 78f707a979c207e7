using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Writes what is inside a part.</summary>
internal static class GeminiPartWriter
{
    internal static void WriteData(JsonBody body, DataContent data)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject("inlineData"u8);
        json.WriteString("mimeType"u8, data.MediaType);
        body.WriteBase64("data"u8, data.Data.Span);
        json.WriteEndObject();
    }

    internal static void WriteFile(Utf8JsonWriter json, string address, string? mediaType)
    {
        json.WriteStartObject("fileData"u8);
        if (mediaType is not null) json.WriteString("mimeType"u8, mediaType);
        json.WriteString("fileUri"u8, address);
        json.WriteEndObject();
    }

    /// <summary>A file is named by its address; its name (<c>files/abc</c>) or its bare id stands for one at the endpoint.</summary>
    internal static string AddressOf(HostedFileContent file, Uri endpoint)
    {
        string id = file.FileId;
        if (id.Contains("://", StringComparison.Ordinal)) return id;
        return endpoint.AbsoluteUri + (id.StartsWith("files/", StringComparison.Ordinal) ? id : "files/" + id);
    }

    internal static void WriteCall(JsonBody body, FunctionCallContent call, JsonSerializerOptions options)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject("functionCall"u8);
        if (GeminiCallIds.IsReal(call.CallId)) json.WriteString("id"u8, call.CallId);
        json.WriteString("name"u8, call.Name);
        RequestJson.WriteArguments(body, "args"u8, call, options);
        json.WriteEndObject();
    }

    internal static void WriteResult(JsonBody body, FunctionResultContent result, string name, JsonSerializerOptions options)
    {
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject("functionResponse"u8);
        if (GeminiCallIds.IsReal(result.CallId)) json.WriteString("id"u8, result.CallId);
        json.WriteString("name"u8, name);
        json.WritePropertyName("response"u8);
        if (result.Result is AIContent content) WriteContents(body, [content]);
        else if (result.Result is IEnumerable<AIContent> contents) WriteContents(body, contents);
        else WriteResponse(body, result, options);
        json.WriteEndObject();
    }

    /// <summary>The response is an object: the result where it is one, else under <c>output</c>, the documented key; an error under <c>error</c>.</summary>
    private static void WriteResponse(JsonBody body, FunctionResultContent result, JsonSerializerOptions options)
    {
        Utf8JsonWriter json = body.Json;
        JsonElement value = ElementOf(result.Result, options);
        if (value.ValueKind == JsonValueKind.Object)
        {
            value.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        if (result is { Result: null, Exception: { } error })
        {
            json.WriteString("error"u8, error.Message);
        }
        else
        {
            if (value.ValueKind == JsonValueKind.Undefined)
            {
                body.WriteText("output"u8, result.Result as string);
            }
            else
            {
                json.WritePropertyName("output"u8);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>Undefined for null and for text, which needs no detour.</summary>
    private static JsonElement ElementOf(object? value, JsonSerializerOptions options) => value switch
    {
        null or string => default,
        JsonElement element => element,
        _ => JsonSerializer.SerializeToElement(value, RequestMembers.TypeInfoOf(value.GetType(), "A function's result", options)),
    };

    /// <summary>Texts are the output; images and other data go beside it, as parts of the response.</summary>
    private static void WriteContents(JsonBody body, IEnumerable<AIContent> contents)
    {
        Utf8JsonWriter json = body.Json;
        AIContent[] all = [.. contents];
        json.WriteStartObject();
        json.WriteString("output"u8, string.Concat(all.OfType<TextContent>().Select(text => text.Text)));
        json.WriteEndObject();
        DataContent[] data = [.. all.OfType<DataContent>()];
        if (Array.Exists(all, content => content is not (TextContent or DataContent)))
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "A function's result for Gemini may hold TextContent and DataContent; turn other contents into one of these.");
        if (data.Length == 0) return;
        json.WriteStartArray("parts"u8);
        foreach (DataContent item in data)
        {
            json.WriteStartObject();
            WriteData(body, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
