using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>A model answered, but not with what was asked for by its type (<see cref="FastClient.GetResponseAsync{T}(IEnumerable{ChatMessage}, System.Text.Json.Serialization.Metadata.JsonTypeInfo{T}, ChatOptions?, CancellationToken)"/>).</summary>
/// <remarks>
/// <see cref="HarborException.Kind"/> is <see cref="ErrorKind.Provider"/> where two answers did not fit (the inner exception says where),
/// <see cref="ErrorKind.Interrupted"/> where the answer was cut off at its maximum of tokens, <see cref="ErrorKind.ContentFiltered"/> where it was filtered or
/// refused, and <see cref="ErrorKind.Configuration"/> where it calls tools that nothing runs.
/// </remarks>
public class StructuredAnswerException : HarborException
{
    /// <summary>Creates the error.</summary>
    /// <param name="kind">What the caller can do about it.</param>
    /// <param name="response">The answer.</param>
    /// <param name="message">What is wrong with it.</param>
    /// <param name="innerException">The cause.</param>
    public StructuredAnswerException(ErrorKind kind, ChatResponse response, string message, Exception? innerException = null) : base(kind, message, innerException)
    {
        ArgumentNullException.ThrowIfNull(response);
        Response = response;
    }

    /// <summary>The answer as the model gave it, with the usage of all calls.</summary>
    public ChatResponse Response { get; }
}
