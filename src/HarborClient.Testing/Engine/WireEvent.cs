namespace HarborClient.Testing.Engine;

internal enum WireEventKind
{
    // Announces the answer, holds none of it.
    Opening,

    // A piece of the answer, or the whole of one that is not streamed: what updates are counted by.
    Update,

    // Says that the answer is whole.
    Finish,

    // Comes after the answer: usage.
    Trailer,

    // The last word of the stream, "[DONE]".
    Done,
}

// A piece of a reply body that belongs together: one server-sent event, or a whole JSON body.
internal sealed record WireEvent(WireEventKind Kind, ReadOnlyMemory<byte> Bytes);
