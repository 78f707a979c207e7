using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>Counts tokens exactly, where a program has the vocabulary of a model. Given to <see cref="HarborBuilder.UseTokenCounter"/>.</summary>
/// <remarks>Called concurrently, on the thread that asks. It must be thread-safe and must not block for long.</remarks>
public interface ITokenCounter
{
    /// <summary>Counts what a model would be charged for as input.</summary>
    /// <param name="model">The model as <c>provider/model</c>.</param>
    /// <param name="messages">The messages, in order. Not to be changed.</param>
    /// <param name="options">The call's options, with instructions, tools and format; <see langword="null"/> when none were given. Not to be changed.</param>
    /// <returns>The number of tokens, or <see langword="null"/> for a model that this counter does not know; the client then counts as if it had no counter.</returns>
    long? CountTokens(string model, IReadOnlyList<ChatMessage> messages, ChatOptions? options);
}
