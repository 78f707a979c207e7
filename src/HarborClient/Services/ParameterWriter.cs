using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HarborClient.Services;

/// <summary>Writes the parameters of a service as one JSON object; what is not set is left out, and what the caller adds replaces what is there.</summary>
internal sealed class ParameterWriter
{
    private readonly JsonObject _parameters;

    internal ParameterWriter(JsonObject? additional) => _parameters = additional is null ? [] : (JsonObject)additional.DeepClone();

    internal ParameterWriter Add(string name, JsonNode? value)
    {
        if (value is not null && !_parameters.ContainsKey(name)) _parameters.Add(name, value);
        return this;
    }

    internal ReadOnlyMemory<byte> ToJson()
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body)) _parameters.WriteTo(json);
        return body.WrittenMemory;
    }
}
