using System.Text.Json.Serialization.Metadata;
using HarborClient.Edge;
using HarborClient.Pipeline;
using HarborClient.Typed;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Answers of a type.</content>
public sealed partial class FastClient
{
    /// <summary>Asks for an answer of a type: the model is given the type's JSON schema, and its answer is read.</summary>
    /// <typeparam name="T">The type. What is no object (a list, a number) travels inside one and comes back by itself.</typeparam>
    /// <param name="messages">The conversation.</param>
    /// <param name="typeInfo">How the type is read, from a source-generated context. Members that may not be null have to be there.</param>
    /// <param name="options">Model and settings. A <see cref="ChatOptions.ResponseFormat"/> of the caller's is kept; it has to be JSON.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer.</returns>
    /// <remarks>An answer that does not fit is asked for once more, with what is wrong with it: a second call, under the same <see cref="HarborChatOptions.TotalTimeout"/>.</remarks>
    /// <exception cref="StructuredAnswerException">There is an answer, and it does not fit.</exception>
    /// <exception cref="HarborException">A call failed; see <see cref="HarborException.Kind"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public Task<HarborResponse<T>> GetResponseAsync<T>(
        IEnumerable<ChatMessage> messages, JsonTypeInfo<T> typeInfo, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(typeInfo);
        return TypedAnswers.AskAsync(AskAsync, messages, typeInfo, options, cancellationToken);
    }

    /// <summary>Asks for an answer of a type: the model is given the type's JSON schema, and its answer is read.</summary>
    /// <typeparam name="T">The type. What is no object (a list, a number) travels inside one and comes back by itself.</typeparam>
    /// <param name="prompt">The user's message.</param>
    /// <param name="typeInfo">How the type is read, from a source-generated context. Members that may not be null have to be there.</param>
    /// <param name="options">Model and settings. A <see cref="ChatOptions.ResponseFormat"/> of the caller's is kept; it has to be JSON.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer.</returns>
    /// <remarks>An answer that does not fit is asked for once more, with what is wrong with it: a second call, under the same <see cref="HarborChatOptions.TotalTimeout"/>.</remarks>
    /// <exception cref="StructuredAnswerException">There is an answer, and it does not fit.</exception>
    /// <exception cref="HarborException">A call failed; see <see cref="HarborException.Kind"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public Task<HarborResponse<T>> GetResponseAsync<T>(string prompt, JsonTypeInfo<T> typeInfo, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], typeInfo, options, cancellationToken);
    }

    private async Task<HarborChatResponse> AskAsync(IEnumerable<ChatMessage> messages, ChatOptions options, TimeSpan spent, CancellationToken cancellationToken)
    {
        if (_tools is { } tools && tools.Serves(options)) return await tools.RunAsync(messages, options, spent, cancellationToken).ConfigureAwait(false);
        (Call call, PipelineStage pipeline) = _calls.BeginChat(messages, options, isStreaming: false, cancellationToken, spent);
        return await PlainEdge.RunChatAsync(call, pipeline).ConfigureAwait(false);
    }
}
