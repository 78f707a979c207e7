using System.Buffers;

namespace HarborClient.Providers;

/// <summary>How calls of one service are written, where they go and how their answers are read. Thread-safe.</summary>
internal abstract class ServiceDialect
{
    internal virtual HttpMethod MethodOf(Call attempt) => HttpMethod.Post;

    internal abstract Uri AddressOf(Call attempt);

    /// <summary>Writes the request body; a GET sends none.</summary>
    /// <exception cref="HarborException">The service cannot do what the call asks: InvalidRequest, before anything is sent.</exception>
    internal abstract void WriteRequest(Call attempt, IBufferWriter<byte> body);

    internal abstract AnswerParser CreateParser(Call attempt);
}
