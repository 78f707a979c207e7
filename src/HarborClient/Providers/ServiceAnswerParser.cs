using System.Text.Json;

namespace HarborClient.Providers;

/// <summary>Reads the answer of a service, which is one JSON text.</summary>
internal abstract class ServiceAnswerParser : AnswerParser
{
    private bool _isDone;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => false;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch) =>
        throw new JsonException("it streams events, and a service's answer is one JSON text; ask the service not to stream, as with \"stream\": false");

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        ReadOnlyMemory<byte> text = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        try
        {
            Read(text, batch);
        }
        catch (InvalidOperationException e)
        {
            // JsonElement over a name that cannot be unescaped.
            throw new JsonException("it has a name that cannot be read", e);
        }

        _isDone = true;
    }

    private protected abstract void Read(ReadOnlyMemory<byte> body, UpdateBatch batch);
}
