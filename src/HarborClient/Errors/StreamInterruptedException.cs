using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>An answer began and did not reach its end: the connection was cut, the host fell silent, reported an error or sent something unreadable.</summary>
/// <remarks><see cref="Exception.InnerException"/> is the cause: a <see cref="HarborTimeoutException"/>, the provider's error, or the broken connection.</remarks>
public class StreamInterruptedException : HarborException
{
    /// <summary>Creates the error.</summary>
    /// <param name="partial">What had arrived.</param>
    /// <param name="message">What broke the answer.</param>
    /// <param name="innerException">The cause.</param>
    public StreamInterruptedException(ChatResponse partial, string message, Exception? innerException = null)
        : base(ErrorKind.Interrupted, message, innerException)
    {
        ArgumentNullException.ThrowIfNull(partial);
        Partial = partial;
        IsTransient = true;
    }

    /// <summary>The text, reasoning, tool-call fragments and usage that had arrived. An unfinished tool call is marked <see cref="FunctionCallContent.InformationalOnly"/>.</summary>
    public ChatResponse Partial { get; internal set; }

    private protected override HarborException New() => new StreamInterruptedException(Partial, Message, InnerException) { StatusCode = StatusCode, RetryAfter = RetryAfter };
}
