using System.Text.Json;

namespace HarborClient.Costs;

/// <summary>Reads prices in the format <c>harbor-prices/1</c>, the catalogue's own and that of a user's file. Unknown members are skipped; a malformed price is an error.</summary>
internal static class PriceFile
{
    private const string Schema = "harbor-prices/1";

    /// <summary>Some thousand models; a file beyond it is not a price list.</summary>
    internal const int MaxBytes = 16 << 20;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads every row.</summary>
    /// <exception cref="JsonException">The file is malformed; the message says where.</exception>
    internal static List<PriceRow> ReadAll(ReadOnlySpan<byte> utf8)
    {
        var rows = new List<PriceRow>();
        Utf8JsonReader json = OpenModels(utf8);
        while (json.Read() && json.TokenType == JsonTokenType.StartObject) rows.Add(Read(ref json));

        // The rest is read to its end: what was cut off is not a whole file.
        while (json.Read())
        {
        }

        return rows;
    }

    /// <summary>Finds one row without making the others; null where there is none.</summary>
    internal static PriceRow? Find(ReadOnlySpan<byte> utf8, string provider, string model)
    {
        Utf8JsonReader json = OpenModels(utf8);
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            Utf8JsonReader row = json;
            if (IsOf(ref json, provider, model)) return Read(ref row);
        }

        return null;
    }

    /// <summary>Goes past an object, and says whether it is that model's, under its own name or another.</summary>
    private static bool IsOf(ref Utf8JsonReader json, string provider, string model)
    {
        bool isProvider = false, isModel = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("provider"u8))
            {
                json.Read();
                isProvider = json.ValueTextEquals(provider);
            }
            else if (json.ValueTextEquals("model"u8))
            {
                json.Read();
                isModel |= json.ValueTextEquals(model);
            }
            else if (isProvider && json.ValueTextEquals("aliases"u8))
            {
                json.Read();
                while (json.Read() && json.TokenType == JsonTokenType.String) isModel |= json.ValueTextEquals(model);
            }
            else
            {
                json.Skip();
            }
        }

        return isProvider && isModel;
    }

    private static Utf8JsonReader OpenModels(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith(ByteOrderMark)) utf8 = utf8[ByteOrderMark.Length..];
        var json = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        bool hasSchema = false;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("A price file must be an object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("schema"u8))
            {
                json.Read();
                hasSchema = json.ValueTextEquals(Schema);
            }
            else if (json.ValueTextEquals("models"u8))
            {
                json.Read();
                if (!hasSchema || json.TokenType != JsonTokenType.StartArray) break;
                return json;
            }
            else
            {
                json.Skip();
            }
        }

        throw new JsonException($"A price file must begin with \"schema\": \"{Schema}\" and have an array \"models\".");
    }

    private static PriceRow Read(ref Utf8JsonReader json)
    {
        var row = new PriceRowDraft();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName) row.Read(ref json);
        return row.ToRow();
    }
}
