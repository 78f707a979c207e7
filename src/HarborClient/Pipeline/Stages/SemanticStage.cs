using HarborClient.Caching;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Answers a call that was looked up in vain as a question was that means the same, and has its own question found by later ones. What goes wrong with the embedding, or takes too long, only
/// means that nothing is found.
/// </summary>
/// <param name="next">The stage that has the call answered.</param>
/// <param name="keys">Makes the keys of what has to be the same.</param>
/// <param name="cache">Where answers are kept.</param>
/// <param name="setup">How questions are embedded and compared.</param>
internal sealed class SemanticStage(PipelineStage next, RequestKeys keys, ResponseCache cache, SemanticSetup setup) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call) =>
        call.Target is null && call.CacheUse is { } use && call.Settings.Cache is CachePolicy.Auto or CachePolicy.Always && SemanticRequest.QuestionOf(call) is { } question
            ? OpenSimilarAsync(call, use, question)
            : Next.OpenAsync(call);

    private async ValueTask<UpdateReader> OpenSimilarAsync(Call call, CacheUse use, string text)
    {
        if (await EmbedAsync(call, text).ConfigureAwait(false) is not { } vector) return await Next.OpenAsync(call).ConfigureAwait(false);
        QuestionGuard guard = QuestionGuard.Of(text);
        bool asksBelow = cache.HasLevelsFor(call.Settings.IsLocalOnly);
        foreach (Target target in call.Settings.Permitted(call.Targets, call.RequestedModel))
        {
            if (call.Settings.Cache == CachePolicy.Auto && !keys.IsDeterministic(call, target)) continue;
            if (keys.ContextOf(call.Services, call.Request, call.Settings, target) is not { } context) continue;
            var question = new Question(context, vector, guard);
            if (await cache.FindSimilarAsync(question, setup.Options.Threshold, setup.Options.Margin, asksBelow).ConfigureAwait(false) is { } hit)
            {
                call.Hit = hit;
                return StoredReader.Of(call, hit, cache.Options.ReplayCharactersPerSecond);
            }

            if (ReferenceEquals(target, use.Target)) call.CacheUse = new SemanticUse(use, question);
        }

        return await Next.OpenAsync(call).ConfigureAwait(false);
    }

    private async ValueTask<QuestionVector?> EmbedAsync(Call call, string text)
    {
        TimeSpan limit = LimitOf(call);
        if (limit <= TimeSpan.Zero || !setup.Breaker.TryEnter(out _)) return null;
        long startedAt = call.Services.Time.GetTimestamp();
        try
        {
            CallSettings settings = call.Settings;
            QuestionVector? vector = await call.AskAsideAsync(token => setup.Embedder.EmbedAsync(text, settings, token), limit).ConfigureAwait(false);
            if (vector is not null && setup.Breaker.Succeeded()) Log.QuestionsAreEmbedded(call.Services.Logger);
            return vector;
        }
        catch (Exception e) when (!IsOfCaller(call, e))
        {
            // Whatever it is, the call goes on without.
            if (!IsOverQuestion(e) && setup.Breaker.Failed(startedAt))
                Log.QuestionsNotEmbedded(call.Services.Logger, (e as HarborException)?.Kind.ToString() ?? e.GetType().Name, LevelBreaker.Pause);
            return null;
        }
    }

    /// <summary>No longer than what is left of the call.</summary>
    private TimeSpan LimitOf(Call call)
    {
        if (call.DeadlineTimestamp == long.MaxValue) return setup.Options.Timeout;
        TimeSpan left = call.Services.Time.GetElapsedTime(call.Services.Time.GetTimestamp(), call.DeadlineTimestamp);
        return left < setup.Options.Timeout ? left : setup.Options.Timeout;
    }

    /// <summary>The caller cancelled, or the client was disposed: the call is over.</summary>
    private static bool IsOfCaller(Call call, Exception error) =>
        error is OperationCanceledException or ObjectDisposedException && (call.IsLeft || call.CallerToken.IsCancellationRequested || call.Services.Shutdown.IsCancellationRequested);

    /// <summary>What is wrong with one question, or with one caller's limits, says nothing of the others.</summary>
    private static bool IsOverQuestion(Exception error) => error is HarborException
    {
        Kind: ErrorKind.InvalidRequest or ErrorKind.ContextTooLong or ErrorKind.ContentFiltered or ErrorKind.TooLarge or ErrorKind.Budget,
    } or HarborException { Kind: ErrorKind.RateLimited, StatusCode: null };
}
