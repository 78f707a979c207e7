using System.Text.Json;

namespace HarborClient.Providers;

/// <summary>Hands an answer on as it is, once it has been seen to be one whole JSON text.</summary>
internal sealed class OwnJsonParser : ServiceAnswerParser
{
    private protected override void Read(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(body.Span);
        while (json.Read())
        {
        }

        batch.Add(new HarborUpdate(HarborUpdateKind.Payload, value: body.ToArray()));
    }
}
