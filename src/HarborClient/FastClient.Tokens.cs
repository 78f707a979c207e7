using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Tokens;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Counting tokens.</content>
public sealed partial class FastClient
{
    private readonly TokenEstimator _tokens;
    private readonly ITokenCounter? _tokenCounter;

    /// <summary>
    /// Counts the input tokens that a chat call with these messages and options would have at the first of its targets: by
    /// <see cref="HarborBuilder.UseTokenCounter"/>, else by the provider's endpoint where it has one, else by an estimate that sends nothing.
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Model and settings; instructions, tools and the answer's schema are counted too.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The number of tokens.</returns>
    /// <remarks>
    /// The estimate needs no vocabulary, and learns what a model charges from the usage that its answers report: from the first 20 calls of each model,
    /// then from one in 64. On recorded prompts its mean error was 4 % once the same prompt had been answered once, and 20 % (median 10 %) before;
    /// most of them are short, and what is missed is what a provider adds for functions and schemas. For exact figures give a counter. Pictures count by
    /// one constant per model family (765; Claude 1,568; Gemini 258), other media as 1,000 tokens each.
    /// </remarks>
    /// <exception cref="HarborException">The model is unknown, the provider failed, or the token counter did; see <see cref="HarborException.Kind"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public Task<long> CountTokensAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunCountAsync(messages, options, cancellationToken);
    }

    private async Task<long> RunCountAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        (CallRequest request, CallSettings settings) = _calls.PrepareCount(messages, options);
        Target target = request.Targets[0];
        if (ExactCount(target, request) is { } exact) return exact;
        if (!_providers[target.Provider].CountsTokens) return _tokens.Estimate(target, request.Messages, options);
        (Call call, PipelineStage pipeline) = _calls.Begin(request, settings, isStreaming: false, cancellationToken);
        return await PlainEdge.RunCountAsync(call, pipeline).ConfigureAwait(false);
    }

    private long? ExactCount(Target target, CallRequest request)
    {
        if (_tokenCounter is null) return null;
        long? counted;
        try
        {
            counted = _tokenCounter.CountTokens(target.Name, request.Messages, request.Options);
        }
        catch (Exception e)
        {
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The token counter (UseTokenCounter) threw {e.GetType().Name} for '{target.Name}'.", e);
        }

        if (counted < 0) throw ErrorFactory.Setting(ErrorKind.Configuration, $"The token counter (UseTokenCounter) returned {counted} for '{target.Name}'; a count is not negative.");
        return counted;
    }
}
