using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>
/// One call with tools: what is sent next, what was made so far, and the sums over all iterations. Each iteration is a call of its own, made by
/// <see cref="Begin"/>, which passes every stage of the pipeline: limits, budgets and failover apply to each. One thread works on it at a time.
/// </summary>
internal sealed class ToolRun
{
    private readonly CallFactory _calls;
    private readonly ToolInvocationOptions _settings;
    private readonly ToolInvoker _invoker;
    private readonly ToolSet _tools;
    private readonly bool _isStreaming;
    private readonly long _startedAt;
    private readonly List<ChatMessage> _made = [];
    private readonly List<HarborAttempt> _attempts = [];
    private List<ChatMessage> _sent;
    private ChatOptions? _options;
    private IterationEnd? _ending;
    private TimeSpan _began;
    private TimeSpan _spent;
    private TimeSpan? _firstUpdate;
    private HarborCallInfo? _last;
    private Money? _cost = Money.Zero;
    private bool _isCostEstimated;
    private bool _isLowered;
    private UsageDetails? _usage;
    private ChatResponse? _answer;
    private int _iteration;
    private int _failures;
    private bool _isLast;
    private bool _hasOneTarget;

    internal ToolRun(CallFactory calls, ToolInvocationOptions settings, ToolInvoker invoker, IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreaming, TimeSpan spent)
    {
        _calls = calls;
        _settings = settings;
        _invoker = invoker;
        _tools = new ToolSet(options, settings, calls.Services.Logger);
        _sent = [.. messages];
        if (_sent.Exists(message => message is null)) throw new ArgumentException("One of the messages is null.", nameof(messages));
        _options = options;
        _isStreaming = isStreaming;
        _spent = spent;
        _startedAt = calls.Services.Time.GetTimestamp();
    }

    /// <summary>Whether the last answer's calls became requests for approval.</summary>
    internal bool AwaitsApproval { get; private set; }

    /// <summary>Whether a function ended the loop.</summary>
    internal bool IsTerminated { get; private set; }

    /// <summary>Whether a model was asked at all.</summary>
    internal bool HasAsked => _last is not null;

    /// <summary>The answer that was taken last.</summary>
    internal ChatResponse? Answer => _answer;

    private TimeSpan Elapsed => _calls.Services.Time.GetElapsedTime(_startedAt);

    /// <summary>Runs the functions that the caller's messages approve, before the model is asked.</summary>
    /// <returns>The calls and their results, which belong to the answer; empty when there are none.</returns>
    internal async Task<IReadOnlyList<ChatMessage>> ResumeAsync(ToolStop stop)
    {
        (List<ToolApprovalResponseContent> responses, int position) = ToolApprovals.Take(_sent);
        if (responses.Count == 0) return [];
        var planned = new List<PlannedCall>(responses.Count);
        foreach (ToolApprovalResponseContent response in responses)
        {
            var call = (FunctionCallContent)response.ToolCall;
            planned.Add(response.Approved ? _tools.PlanOne(call) : new PlannedCall(call, null, ToolInvoker.Refusal(response.Reason)));
        }

        var calls = new ChatMessage(ChatRole.Assistant, [.. planned.Select(plan => plan.Call)]) { MessageId = MessageIds.Next() };
        ToolSet.MarkAsRun(calls.Contents);
        _made.Add(calls);

        // A provider that keeps the conversation has the calls already.
        if (_options?.ConversationId is null) _sent.Insert(position++, calls);
        ChatMessage results = await RunAsync(planned, asks: false, stop).ConfigureAwait(false);
        _sent = [.. _sent[..position], results, .. _sent[position..]];
        return [calls, results];
    }

    /// <summary>Makes the call of the next iteration.</summary>
    internal (Call Call, PipelineStage Pipeline) Begin(CancellationToken cancellationToken)
    {
        _began = Elapsed;
        (Call Call, PipelineStage Pipeline) begun = _calls.BeginChat(_sent, _options, _isStreaming, cancellationToken, _spent);
        _hasOneTarget = begun.Call.Targets.Count == 1;
        _ending = new IterationEnd(keepsAnswer: _isStreaming);
        begun.Call.OnCompleted(_ending);
        return begun;
    }

    /// <summary>Takes the whole answer of the iteration that has just ended.</summary>
    /// <param name="plain">The answer of a plain call; a stream's is known here.</param>
    /// <returns>The functions to run, after which the model is asked again; null when this answer is the last.</returns>
    internal List<PlannedCall>? Take(ChatResponse? plain = null)
    {
        _answer = plain ?? _ending!.Answer!;
        Record(_ending!.Info!);
        _iteration++;
        if (_answer.Usage is { } usage) (_usage ??= new UsageDetails()).Add(usage);
        _made.AddRange(_answer.Messages);
        List<PlannedCall>? planned = _isLast ? null : _tools.Plan(_answer);
        if (planned is null) return null;
        if (_settings.Approval is null && planned.Exists(call => ToolSet.NeedsApproval(call.Function)))
        {
            foreach (ChatMessage message in _answer.Messages) ToolApprovals.Request(message.Contents);
            AwaitsApproval = true;
            return null;
        }

        foreach (ChatMessage message in _answer.Messages) ToolSet.MarkAsRun(message.Contents);
        return planned;
    }

    /// <summary>Runs the functions of the answer that was taken last, and prepares the next iteration.</summary>
    /// <returns>The results, as one message.</returns>
    internal async Task<ChatMessage> InvokeAsync(List<PlannedCall> planned, ToolStop stop)
    {
        ChatMessage results = await RunAsync(planned, asks: true, stop).ConfigureAwait(false);

        // A new list: functions may still look at the old one. A provider that keeps the conversation is sent only what is new.
        string? conversation = KeptConversation();
        _sent = conversation is null ? [.. _sent, .. _answer!.Messages, results] : [results];
        _isLast = _iteration >= _settings.MaximumIterations;
        if (_isLast && !IsTerminated) Log.ToolLimitReached(_calls.Services.Logger, _settings.MaximumIterations);
        _options = NextOptions(conversation);
        return results;
    }

    /// <summary>Everything the call made, as one response.</summary>
    internal HarborChatResponse ToResponse() => new(Info(), _spent)
    {
        Messages = _made,
        ResponseId = _answer?.ResponseId,
        ConversationId = _answer?.ConversationId,
        ModelId = _answer?.ModelId,
        CreatedAt = _answer?.CreatedAt,
        FinishReason = _answer?.FinishReason,
        RawRepresentation = _answer?.RawRepresentation,
        AdditionalProperties = _answer?.AdditionalProperties,
        Usage = _usage,
    };

    /// <summary>How the call went so far: the last iteration's words, and the sums of all.</summary>
    internal HarborCallInfo Info() => new()
    {
        Provider = _last?.Provider ?? "",
        Model = _last?.Model ?? "",
        RequestedModel = _last?.RequestedModel ?? "",
        Mode = _last?.Mode ?? default,
        Attempts = [.. _attempts],
        TimeToFirstUpdate = _firstUpdate,
        Duration = Elapsed,
        FinishReason = _last?.FinishReason,
        RequestId = _last?.RequestId,
        CacheLevel = _last?.CacheLevel ?? default,
        Cost = _last is null ? null : _cost,
        IsCostEstimated = _isCostEstimated,
        MaxOutputTokensLowered = _isLowered,
    };

    /// <summary>
    /// The call has ended: an iteration that broke off is added up too, and an error is told what only the whole call knows, which is the attempts of all
    /// iterations, and what was made before the one that failed.
    /// </summary>
    internal void Complete(Exception? error)
    {
        if (_ending is { Info: { } info }) Record(info);
        if (error is not HarborException known) return;
        known.Attempts = [.. _attempts];
        known.CompletedMessages = [.. _made];
    }

    private async Task<ChatMessage> RunAsync(List<PlannedCall> planned, bool asks, ToolStop stop)
    {
        List<ChatMessage> sent = _sent;
        ToolOutcome[] outcomes = await _invoker.InvokeAsync(planned, call => new ToolInvocation(call.Call, call.Function!, _iteration, sent, _options), asks, stop).ConfigureAwait(false);
        var results = new ChatMessage(ChatRole.Tool, [.. outcomes.Select(outcome => outcome.Result)]) { MessageId = MessageIds.Next() };
        _made.Add(results);
        IsTerminated = Array.Exists(outcomes, outcome => outcome.Terminates);
        int failed = Array.FindIndex(outcomes, outcome => outcome.IsFailure);
        _failures = failed < 0 ? 0 : _failures + 1;
        if (_failures > _settings.MaximumConsecutiveErrors && !IsTerminated)
            throw ErrorFactory.ToolsFailed(planned[failed].Function?.Name, _failures, outcomes[failed].Result.Exception);
        return results;
    }

    /// <summary>
    /// The conversation at the provider that the answer belongs to. Where the next answer may come from another target, which does not know it, the whole
    /// history is sent, unless the caller itself left it to the provider.
    /// </summary>
    private string? KeptConversation() => _options?.ConversationId is { } given ? _answer!.ConversationId ?? given : _hasOneTarget ? _answer!.ConversationId : null;

    private ChatOptions? NextOptions(string? conversation)
    {
        bool isForced = _options?.ToolMode is RequiredChatToolMode;
        if (!_isLast && !isForced && conversation == _options?.ConversationId) return _options;
        ChatOptions next = _options?.Clone() ?? new ChatOptions();
        next.ConversationId = conversation;

        // A model that must call a function would call one for ever.
        if (isForced) next.ToolMode = null;
        if (_isLast) next.ToolMode = ChatToolMode.None;
        return next;
    }

    /// <summary>Adds up an iteration that has ended, once.</summary>
    private void Record(HarborCallInfo info)
    {
        if (ReferenceEquals(info, _last)) return;
        _last = info;
        _spent += info.Duration;
        _isCostEstimated |= info.IsCostEstimated;
        _isLowered |= info.MaxOutputTokensLowered;
        _cost = _cost is { } sum && info.Cost is { } cost ? sum + cost : null;
        if (info.TimeToFirstUpdate is { } first && (!_isStreaming || _firstUpdate is null)) _firstUpdate = _began + first;
        foreach (HarborAttempt attempt in info.Attempts) _attempts.Add(attempt.Numbered(_attempts.Count + 1));
    }
}
