using System.Collections.Concurrent;
using HarborClient.Options;
using Microsoft.Extensions.AI;

namespace HarborClient.Tokens;

/// <summary>
/// Estimates tokens without a vocabulary, and learns from what providers report. One per client, thread-safe. Learning happens where a call ends, for the
/// first calls of a model and then now and then, and only from prompts that are text and not very long.
/// </summary>
internal sealed class TokenEstimator(ValueJson json) : ICallCompletion
{
    /// <summary>Models that are remembered; further ones keep their family's weights, so that invented names cannot fill the memory. About 1 KB each.</summary>
    private const int MaxModels = 256;

    /// <summary>Longer prompts are not learned from: the estimate runs where the call ends, and takes about 5 µs for 1,000 characters.</summary>
    private const int MaxLearnedCharacters = 64 << 10;

    /// <summary>Some 20 µs to read.</summary>
    private const int MaxQuickCharacters = 4 << 10;

    private readonly ConcurrentDictionary<string, Calibration> _models = new(StringComparer.Ordinal);
    private int _remembered;

    internal long Estimate(Target target, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        Calibration model = CalibrationOf(target) ?? new Calibration(TokenFamily.Of(target.Model));
        PromptShape shape = PromptReader.Read(messages, options, model.Family, json);
        return (long)Math.Round(model.Estimate(shape));
    }

    /// <summary>The same for those who cannot wait for a long prompt to be read: of one, the beginning is read, and the rest taken for as dense. Allocates nothing for a long one.</summary>
    internal long EstimateQuickly(Target target, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        long characters = PromptReader.CharactersOf(messages);
        if (characters <= MaxQuickCharacters) return Estimate(target, messages, options);
        TokenWeights weights = TokenFamily.Of(target.Model).Weights;
        double tokens = 0;
        int read = 0;
        foreach (ChatMessage message in messages)
        {
            foreach (AIContent content in message.Contents)
            {
                if (content is not TextContent { Text: { } text } || read >= MaxQuickCharacters) continue;
                ReadOnlySpan<char> piece = text.AsSpan(0, Math.Min(text.Length, MaxQuickCharacters - read));
                tokens += TextTokens.Estimate(piece, weights);
                read += piece.Length;
            }
        }

        return (long)Math.Ceiling(read == 0 ? characters / 2.0 : tokens / read * characters);
    }

    /// <summary>Tokens of one text by itself, such as one to embed.</summary>
    internal static int EstimateInput(Target target, string input) =>
        Math.Max(1, (int)Math.Min(int.MaxValue, Math.Ceiling(TextTokens.Estimate(input, TokenFamily.Of(target.Model).Weights))));

    /// <summary>Watches a chat call if it is one to learn from.</summary>
    internal void Watch(Call call)
    {
        if (CalibrationOf(call.Targets[0])?.WantsSample() == true) call.OnCompleted(this);
    }

    void ICallCompletion.OnCompleted(Call call, CallOutcome outcome)
    {
        // An answer that no attempt gave came from a cache or a stage, and its usage is another request's.
        if (outcome.Status != CallStatus.Succeeded || call.AttemptCount == 0 || call.Usage?.InputTokenCount is not ({ } reported and > 0)) return;
        if (call.Request.RawRepresentation is not null || call.Continuation is not null || PromptReader.CharactersOf(call.Messages) > MaxLearnedCharacters) return;
        if (CalibrationOf(call.AnsweringTarget) is not { } model) return;
        PromptShape shape = PromptReader.Read(call.Messages, call.Options, model.Family, json);
        if (shape.IsTextOnly) model.Learn(shape, reported);
    }

    private Calibration? CalibrationOf(Target target)
    {
        if (_models.TryGetValue(target.Name, out Calibration? known)) return known;
        if (Volatile.Read(ref _remembered) >= MaxModels) return null;
        Interlocked.Increment(ref _remembered);
        return _models.GetOrAdd(target.Name, static (_, model) => new Calibration(TokenFamily.Of(model)), target.Model);
    }
}
