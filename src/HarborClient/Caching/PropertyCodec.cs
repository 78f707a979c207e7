using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Caching;

/// <summary>What else a provider says of a tool call, as fields: texts, booleans and JSON. A part of <see cref="AnswerCodec"/>'s format.</summary>
internal static class PropertyCodec
{
    /// <summary>The length of the name, and the kind of the value.</summary>
    private const int LeastBytes = 2;

    // On the wire.
    private const byte Null = 0;
    private const byte False = 1;
    private const byte True = 2;
    private const byte Text = 3;
    private const byte Json = 4;

    internal static bool CanWrite(AdditionalPropertiesDictionary? properties) =>
        properties is null || properties.Values.All(value => value is null or bool or string or JsonElement { ValueKind: not JsonValueKind.Undefined });

    internal static void Write(AdditionalPropertiesDictionary? properties, FieldWriter writer)
    {
        writer.Flag(properties is not null);
        if (properties is null) return;
        writer.Count(properties.Count);
        foreach ((string name, object? value) in properties)
        {
            writer.Text(name);
            switch (value)
            {
                case bool flag:
                    writer.Byte(flag ? True : False);
                    break;
                case string text:
                    writer.Byte(Text);
                    writer.Text(text);
                    break;
                case JsonElement json:
                    writer.Byte(Json);
                    writer.Bytes(JsonMarshal.GetRawUtf8Value(json));
                    break;
                default:
                    writer.Byte(Null);
                    break;
            }
        }
    }

    internal static AdditionalPropertiesDictionary? Read(ref FieldReader reader)
    {
        if (!reader.Flag()) return null;
        var properties = new AdditionalPropertiesDictionary();
        for (int left = reader.Count(LeastBytes); left > 0; left--)
        {
            string name = reader.Text();
            properties[name] = ReadValue(ref reader);
        }

        return properties;
    }

    private static object? ReadValue(ref FieldReader reader)
    {
        switch (reader.Byte())
        {
            case Null: return null;
            case False: return false;
            case True: return true;
            case Text: return reader.Text();
            case Json: return ReadJson(ref reader);
            default:
                reader.Fail();
                return null;
        }
    }

    private static JsonElement ReadJson(ref FieldReader reader)
    {
        ReadOnlySpan<byte> json = reader.Bytes();
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            // Bytes that are no JSON are no answer.
            reader.Fail();
            return default;
        }
    }
}
