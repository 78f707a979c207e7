using System.Text.Json;

namespace HarborClient.Providers.OpenAIResponses;

/// <summary>The members of an output item that are read one by one. Readers stand on values; on nothing where a member is absent.</summary>
internal ref struct ResponsesItemFields
{
    internal Utf8JsonReader Content;
    internal Utf8JsonReader Summary;
    internal Utf8JsonReader Arguments;
    internal Utf8JsonReader Result;

    internal string? Type { get; private set; }

    internal string? Id { get; private set; }

    internal string? CallId { get; private set; }

    internal string? Name { get; private set; }

    internal string? EncryptedContent { get; private set; }

    internal string? OutputFormat { get; private set; }

    internal string? ServerLabel { get; private set; }

    /// <summary>Whether what the host did with the web was not only to open or to read through a page.</summary>
    internal readonly bool IsSearch => _action is null or "search";

    private string? _action;

    /// <summary>From the start of the item to its end.</summary>
    internal void Read(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "type"u8)) Type = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "id"u8)) Id = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "call_id"u8)) CallId = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "name"u8)) Name = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "encrypted_content"u8)) EncryptedContent = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "output_format"u8)) OutputFormat = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "server_label"u8)) ServerLabel = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "content"u8)) Remember(ref json, ref Content);
            else if (JsonLenient.Is(ref json, "summary"u8)) Remember(ref json, ref Summary);
            else if (JsonLenient.Is(ref json, "arguments"u8)) Remember(ref json, ref Arguments);
            else if (JsonLenient.Is(ref json, "result"u8)) Remember(ref json, ref Result);
            else if (JsonLenient.Is(ref json, "action"u8)) ReadAction(ref json);
            else JsonLenient.SkipValue(ref json);
        }
    }

    private void ReadAction(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "type"u8)) _action = JsonLenient.Text(ref json);
            else JsonLenient.SkipValue(ref json);
        }
    }

    private static void Remember(ref Utf8JsonReader json, ref Utf8JsonReader place)
    {
        json.Read();
        place = json;
        json.Skip();
    }
}
