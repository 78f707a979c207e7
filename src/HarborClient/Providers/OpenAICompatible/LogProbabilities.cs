using System.Buffers;
using System.Text.Json;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>The probabilities of an answer's tokens, which are asked for through <c>logprobs</c>, put together as the plain answer has them.</summary>
internal sealed class LogProbabilities
{
    private List<JsonElement>? _content;
    private List<JsonElement>? _refusal;

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

            if (JsonLenient.IsArray(ref json)) ReadArray(ref json, isRefusal: !isContent);
        }
    }

    /// <summary>From the start of the array to its end.</summary>
    internal void ReadArray(ref Utf8JsonReader json, bool isRefusal = false)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            ref List<JsonElement>? list = ref isRefusal ? ref _refusal : ref _content;
            (list ??= []).Add(JsonElement.ParseValue(ref json));
        }
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

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        probabilities = JsonElement.ParseValue(ref reader);
        return true;
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, List<JsonElement>? tokens)
    {
        if (tokens is null) return;
        json.WriteStartArray(name);
        foreach (JsonElement token in tokens) token.WriteTo(json);
        json.WriteEndArray();
    }
}
