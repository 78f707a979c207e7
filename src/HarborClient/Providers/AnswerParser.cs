namespace HarborClient.Providers;

/// <summary>Reads one answer of one dialect. One per attempt; holds what has to be remembered between events.</summary>
internal abstract class AnswerParser
{
    /// <summary>Whether the dialect's terminal marker has been seen: the answer is whole, and whatever follows is ignored.</summary>
    internal abstract bool IsTerminated { get; }

    /// <summary>Whether a body that ends here is a whole answer although no marker came, as some hosts do it.</summary>
    internal abstract bool MayEndHere { get; }

    /// <summary>Reads one event of a stream.</summary>
    /// <param name="data">The event's data; valid until the next event.</param>
    /// <param name="batch">Receives the updates.</param>
    /// <exception cref="System.Text.Json.JsonException">The event is not what the dialect says.</exception>
    /// <exception cref="HarborException">The event is an error of the provider's.</exception>
    internal abstract void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch);

    /// <summary>Reads a plain answer.</summary>
    /// <param name="body">The whole body; valid until the attempt ends.</param>
    /// <param name="batch">Receives the updates.</param>
    /// <exception cref="System.Text.Json.JsonException">The body is not what the dialect says.</exception>
    /// <exception cref="HarborException">The body is an error of the provider's.</exception>
    internal abstract void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch);
}
