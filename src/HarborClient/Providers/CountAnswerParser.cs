using System.Text.Json;

namespace HarborClient.Providers;

/// <summary>Reads an answer that is one number: the tokens that a provider counted.</summary>
/// <param name="member">The member of the answer that holds it.</param>
internal sealed class CountAnswerParser(string member) : AnswerParser
{
    private readonly byte[] _member = System.Text.Encoding.UTF8.GetBytes(member);
    private bool _isDone;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => false;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch) => throw new JsonException("token counts are not streamed");

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(body.Span);
        JsonLenient.StartObject(ref json);
        long? tokens = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, _member)) tokens = JsonLenient.Integer(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        JsonLenient.End(ref json);
        if (tokens is not { } counted || counted < 0) throw new JsonException($"it has no count of tokens in '{member}'");
        batch.Add(new HarborUpdate(HarborUpdateKind.Payload, (object)counted));
        _isDone = true;
    }
}
