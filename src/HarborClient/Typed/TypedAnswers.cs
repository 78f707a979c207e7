using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HarborClient.Edge;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Typed;

/// <summary>Asks for an answer of a type, and once again where it does not fit.</summary>
internal static class TypedAnswers
{
    /// <summary>One whole call, with what was spent of its Total clock before.</summary>
    internal delegate Task<HarborChatResponse> Ask(IEnumerable<ChatMessage> messages, ChatOptions options, TimeSpan spent, CancellationToken cancellationToken);

    internal static async Task<HarborResponse<T>> AskAsync<T>(Ask ask, IEnumerable<ChatMessage> messages, JsonTypeInfo<T> type, ChatOptions? options, CancellationToken cancellationToken)
    {
        TypedShape<T> shape = TypedShape<T>.Of(type);
        ChatOptions typed = options?.Clone() ?? new ChatOptions();
        typed.ResponseFormat ??= shape.Format;
        if (typed.ResponseFormat is not ChatResponseFormatJson format)
        {
            throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                $"ResponseFormat is not JSON, and the answer is to be read as {typeof(T).Name}. Leave it out, or set ChatResponseFormat.Json or a JSON schema.");
        }

        ChatMessage[] conversation = [.. messages];
        HarborChatResponse first = await ask(conversation, typed, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        if (Read(shape, first, out Exception? fault) is { IsRead: true } answer) return new HarborResponse<T>(first, first.Info, answer.Value);
        if (WhyNotAgain(first) is { } reason) throw Failure<T>(reason.Kind, first, first.Info, reason.Message, fault);

        var correction = new ChatMessage(
            ChatRole.User,
            $"This answer cannot be used: {fault!.Message} Answer again, with nothing but JSON that fits this JSON schema: {(format.Schema ?? shape.Schema).GetRawText()}");
        IEnumerable<ChatMessage> again = [.. conversation, .. first.Messages, correction];
        if (first.ConversationId is { } kept)
        {
            again = [correction];
            typed.ConversationId = kept;
        }

        HarborChatResponse second;
        try
        {
            second = await ask(again, typed, first.Spent, cancellationToken).ConfigureAwait(false);
        }
        catch (HarborException e)
        {
            e.Attempts = Attempts(first.Info, e.Attempts);
            e.CompletedMessages = [.. first.Messages.SkipLast(1), .. e.CompletedMessages];
            throw;
        }

        HarborCallInfo info = Join(first, second);
        if (Read(shape, second, out fault) is { IsRead: true } corrected) return new HarborResponse<T>(second, info, corrected.Value);
        string place = fault is JsonException { Path: { } path } ? $" at {path}" : "";
        (ErrorKind kind, string message) = WhyNotAgain(second)
            ?? (ErrorKind.Provider, $"does not fit{place}. It was asked for twice; the second answer is in Response, and what is wrong with it in the inner exception");
        throw Failure<T>(kind, second, info, message, fault);
    }

    private static (bool IsRead, T Value) Read<T>(TypedShape<T> shape, ChatResponse response, out Exception? fault)
    {
        fault = null;
        try
        {
            // Not the text of the whole response: before the tools ran, the model may have said something too.
            return (true, shape.Read(response.Messages is [.., { } last] && last.Role == ChatRole.Assistant ? last.Text : ""));
        }
        catch (Exception e) when (e is not NotSupportedException)
        {
            // What a type's own constructor or converter refuses is a wrong answer too.
            fault = e;
            return default;
        }
        catch (NotSupportedException e)
        {
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{typeof(T).Name} cannot be read with its type info: {ErrorFactory.Quote(e.Message)}", e);
        }
    }

    /// <summary>Why asking again would not help; null where it may.</summary>
    private static (ErrorKind Kind, string Message)? WhyNotAgain(ChatResponse response)
    {
        if (response.FinishReason == ChatFinishReason.Length)
            return (ErrorKind.Interrupted, "was cut off at the maximum of tokens, so its JSON is not whole. Raise MaxOutputTokens, or ask for less");
        if (response.FinishReason == ChatFinishReason.ContentFilter) return (ErrorKind.ContentFiltered, "was stopped by the provider's content filter");
        if (response.Messages is not [.., { } last]) return null;
        if (last.Contents.Any(content => content is ErrorContent)) return (ErrorKind.ContentFiltered, "is a refusal of the model's");
        if (last.Role == ChatRole.Tool) return (ErrorKind.Configuration, "did not come: a function ended the call");
        return last.Contents.Any(content => content is FunctionCallContent or ToolApprovalRequestContent)
            ? (ErrorKind.Configuration, "calls tools that nothing ran. They are in Response; UseToolInvocation runs functions by itself")
            : null;
    }

    private static StructuredAnswerException Failure<T>(ErrorKind kind, ChatResponse response, HarborCallInfo info, string what, Exception? fault) =>
        new(kind, response, $"The answer that was to be read as {typeof(T).Name} {what}.", fault)
        {
            IsTransient = kind == ErrorKind.Provider,
            Provider = info.Provider,
            Model = info.Model,
            RequestId = info.RequestId,
            Attempts = info.Attempts,
        };

    /// <summary>Makes the second response tell of both calls. The first answer is void; what tools did for it is not.</summary>
    private static HarborCallInfo Join(HarborChatResponse first, HarborChatResponse second)
    {
        second.Messages = [.. first.Messages.SkipLast(1), .. second.Messages];
        if (first.Usage is { } usage)
        {
            var sum = new UsageDetails();
            sum.Add(usage);
            if (second.Usage is { } more) sum.Add(more);
            second.Usage = sum;
        }

        return new HarborCallInfo
        {
            Provider = second.Info.Provider,
            Model = second.Info.Model,
            RequestedModel = second.Info.RequestedModel,
            Mode = second.Info.Mode,
            Attempts = Attempts(first.Info, second.Info.Attempts),
            TimeToFirstUpdate = first.Info.Duration + second.Info.TimeToFirstUpdate,
            Duration = first.Info.Duration + second.Info.Duration,
            FinishReason = second.Info.FinishReason,
            RequestId = second.Info.RequestId,
            CacheLevel = second.Info.CacheLevel,
            Cost = first.Info.Cost is { } cost && second.Info.Cost is { } moreCost ? cost + moreCost : null,
            IsCostEstimated = first.Info.IsCostEstimated || second.Info.IsCostEstimated,
            MaxOutputTokensLowered = first.Info.MaxOutputTokensLowered || second.Info.MaxOutputTokensLowered,
        };
    }

    private static HarborAttempt[] Attempts(HarborCallInfo first, IReadOnlyList<HarborAttempt> second) =>
        [.. first.Attempts, .. second.Select(attempt => attempt.Numbered(first.Attempts.Count + attempt.Number))];
}
