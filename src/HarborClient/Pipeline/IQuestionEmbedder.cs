using HarborClient.Caching;

namespace HarborClient.Pipeline;

/// <summary>Embeds the questions of calls.</summary>
internal interface IQuestionEmbedder
{
    /// <param name="question">The text.</param>
    /// <param name="settings">Of the call that it is of.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    /// <returns>Null where the call must not be seen by whoever embeds, or what came is no vector.</returns>
    ValueTask<QuestionVector?> EmbedAsync(string question, CallSettings settings, CancellationToken cancellationToken);
}
