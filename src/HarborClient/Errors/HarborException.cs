using System.Net;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>The base of every error that HarborClient raises. Caller cancellation is not an error: it stays an <see cref="OperationCanceledException"/> with the caller's token.</summary>
/// <remarks>Messages never contain a key or a prompt. They may contain what the provider wrote about the error, shortened.</remarks>
public class HarborException : Exception
{
    private const int MaxNameCharacters = 200;

    private string? _completedMessage;

    /// <summary>Creates an error.</summary>
    /// <param name="kind">What the caller can do about it.</param>
    /// <param name="message">What happened, the state that explains it, and the setting that would change it.</param>
    /// <param name="innerException">The cause.</param>
    public HarborException(ErrorKind kind, string message, Exception? innerException = null) : base(message, innerException) => Kind = kind;

    /// <inheritdoc/>
    public override string Message => _completedMessage ?? base.Message;

    /// <summary>What the caller can do about it.</summary>
    public ErrorKind Kind { get; }

    /// <summary>Whether the same request may succeed later, or elsewhere, unchanged.</summary>
    public bool IsTransient { get; init; }

    /// <summary>The status of the HTTP answer, when there was one.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The provider's own code or type for the error, such as <c>insufficient_quota</c>.</summary>
    public string? ProviderCode { get; internal set; }

    /// <summary>The provider's id of the request, for its support.</summary>
    public string? RequestId { get; internal set; }

    /// <summary>The registered name of the provider, when one was asked.</summary>
    public string? Provider { get; internal set; }

    /// <summary>The model that was asked for.</summary>
    public string? Model { get; internal set; }

    /// <summary>How long the provider asks to wait, or when a limit of the client's own lets the call through.</summary>
    /// <value><see langword="null"/> where nobody knows.</value>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Every attempt of the call, in order; empty when no target was tried.</summary>
    /// <remarks>One that got no permit is among them, with <see cref="ErrorKind.NoPermit"/>: of it nothing was sent.</remarks>
    public IReadOnlyList<HarborAttempt> Attempts { get; internal set; } = [];

    /// <summary>Why the call went the way it went: who was considered, passed over, asked and waited for.</summary>
    /// <value>In order of time; empty for an error that came before anybody was asked.</value>
    public IReadOnlyList<HarborDecision> Decisions { get; internal set; } = [];

    /// <summary>The same error for another caller who waited for the same request: an exception that is thrown twice mixes two stacks.</summary>
    internal HarborException Copy()
    {
        HarborException copy = New();
        copy.ProviderCode = ProviderCode;
        copy.RequestId = RequestId;
        copy.Provider = Provider;
        copy.Model = Model;
        copy.Attempts = Attempts;
        copy.Decisions = Decisions;
        copy.CompletedMessages = CompletedMessages;
        return copy;
    }

    private protected virtual HarborException New() =>
        new(Kind, Message, InnerException) { IsTransient = IsTransient, StatusCode = StatusCode, RetryAfter = RetryAfter };

    /// <summary>
    /// What a call with tools had made before it failed: whole answers that call functions, and their results. Append them to the conversation to go on
    /// without running the functions again. Empty otherwise.
    /// </summary>
    public IReadOnlyList<ChatMessage> CompletedMessages { get; internal set; } = [];

    /// <summary>Adds what only the whole call knows.</summary>
    internal void Append(string sentence) => _completedMessage = $"{Message} {sentence}";

    /// <summary>Takes the key and the prompts of the call out of what the provider wrote.</summary>
    internal void Scrub(SecretScrubber scrubber)
    {
        _completedMessage = scrubber.Scrub(Message);
        ProviderCode = Shown(ProviderCode, scrubber);
        RequestId = Shown(RequestId, scrubber);
    }

    /// <summary>Codes and ids are a host's words too, and people log them.</summary>
    private static string? Shown(string? name, SecretScrubber scrubber) => name is null ? null : scrubber.Scrub(ErrorFactory.Quote(name, MaxNameCharacters));
}
