using System.Buffers;
using System.Text.Json;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>
/// The probabilities of an answer's tokens, which are asked for through <c>logprobs</c>, put together as the plain answer has them. They are kept as the
/// bytes they came in: an object for each would cost a hundred times as much.
/// </summary>
internal sealed class LogProbabilities
{
    private ArrayBufferWriter<byte>? _content;
    private ArrayBufferWriter<byte>? _refusal;

    /// <summary>Reads <c>{"content":[…],"refusal":[…]}</c>; what follows it is not read.</summary>
    internal void ReadObject(ReadOnlyMemory<byte> from)
    {
        var json = new Utf8JsonReader(from.Span);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isContent = JsonLenient.Is(ref json, "content"u8);
            if (!isContent && !JsonLenient.Is(ref json, "refusal"u8))
            {
                JsonLenient.SkipValue(ref json);
                continue;
            }

            if (JsonLenient.IsArray(ref json)) ReadArray(ref json, from.Span, isRefusal: !isContent);
        }
    }

    /// <summary>From the start of the array to its end.</summary>
    internal void ReadArray(ref Utf8JsonReader json, ReadOnlySpan<byte> data, bool isRefusal = false)
    {
        int start = (int)json.BytesConsumed;
        json.Skip();
        ReadOnlySpan<byte> elements = data[start..(int)json.TokenStartIndex].Trim(" \t\r\n"u8);
        if (elements.IsEmpty) return;
        ref ArrayBufferWriter<byte>? list = ref isRefusal ? ref _refusal : ref _content;
        if (list is null) list = new ArrayBufferWriter<byte>(elements.Length);
        else list.Write(","u8);
        list.Write(elements);
    }

    /// <summary>All of it; false where there was nothing.</summary>
    internal bool TryBuild(out JsonElement probabilities)
    {
        probabilities = default;
        if (_content is null && _refusal is null) return false;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json, "content"u8, _content);
            Write(json, "refusal"u8, _refusal);
            json.WriteEndObject();
        }

        probabilities = JsonElement.Parse(buffer.WrittenSpan);
        return true;
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ArrayBufferWriter<byte>? elements)
    {
        if (elements is null) return;
        json.WritePropertyName(name);
        json.WriteRawValue([.. "["u8, .. elements.WrittenSpan, .. "]"u8], skipInputValidation: true);
    }
}
