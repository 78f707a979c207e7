using HarborClient.Caching;
using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>
/// One request on its way through the pipeline. The root belongs to the caller; every attempt at a target is a child with its own cancellation, clocks,
/// fold, observers and completions, and everything below <see cref="BeginAttempt"/> sees only the child.
/// </summary>
/// <remarks>A plain object, one per request, never pooled. One thread works on it at a time; ending it is safe from any thread.</remarks>
public partial class Call
{
    // Changed for drafts only.
    private CallServices _services;
    private readonly CancellationToken _callerToken;
    private Call? _adopted;
    private AnswerFold? _fold;

    // A CacheHit, the CacheUse of a call that was looked up in vain, or its SharedAnswer: an answer comes from one place.
    private object? _cache;
    private long _deadline = long.MaxValue;
    private long _firstUpdateAt = -1;

    // 0 for none. A short shares a word with the flags.
    private short _status;
    private bool _collects;
    private bool _isObserved;
    private bool _isLeft;

    internal Call(CallServices services, CallRequest request, CallSettings settings, bool isStreaming, CancellationToken callerToken)
    {
        _services = services;
        _callerToken = callerToken;
        Request = request;
        Settings = settings;
        IsStreaming = isStreaming;
        StreamsUpstream = isStreaming || (request.Operation == CallOperation.Chat && settings.NeedsStream);
        StartedAt = services.Time.GetTimestamp();
        services.Counters.CallStarted();
    }

    /// <summary>A draft.</summary>
    private Call()
    {
        _services = null!;
        Request = null!;
        Settings = null!;
    }

    /// <summary>An attempt.</summary>
    private Call(Call parent)
    {
        _services = parent._services;
        _callerToken = parent._callerToken;
        _deadline = parent._deadline;
        Request = parent.Continuation ?? parent.Request;
        Settings = parent.Settings;
        IsStreaming = parent.IsStreaming;
        StreamsUpstream = parent.StreamsUpstream;
        StartedAt = _services.Time.GetTimestamp();
    }

    /// <summary>The call that this one is an attempt of; <see langword="null"/> for the root.</summary>
    public Call? Parent => Own?.Root;

    /// <summary>What the call asks for.</summary>
    public CallOperation Operation => Request.Operation;

    /// <summary>The settings in force.</summary>
    public CallSettings Settings { get; private set; }

    /// <summary>The messages, in order; empty for operations other than chat. Not to be changed.</summary>
    public IReadOnlyList<ChatMessage> Messages => Request.Messages;

    /// <summary>The caller's chat options. Not to be changed.</summary>
    public ChatOptions? Options => Request.Options;

    /// <summary>The texts to embed; empty for other operations.</summary>
    public IReadOnlyList<string> Inputs => Request.Inputs;

    /// <summary>The model or alias that the caller named, or the default one.</summary>
    public string RequestedModel => Request.RequestedModel;

    /// <summary>Where the call may be sent, in order of preference.</summary>
    public IReadOnlyList<Target> Targets => Request.Targets;

    /// <summary>Where this attempt goes; <see langword="null"/> for the root.</summary>
    public Target? Target => Own?.Place ?? (this as Draft)?.Place;

    /// <summary>1 for the first attempt; 0 for the root.</summary>
    public int AttemptNumber => Own?.Number ?? 0;

    /// <summary>Whether the caller reads updates; false for a plain call.</summary>
    public bool IsStreaming { get; }

    /// <summary>Whether the provider is asked to stream, which plain calls do too under some settings.</summary>
    public bool StreamsUpstream { get; internal set; }

    /// <summary>Cancelled when this attempt has to stop: by the caller, a clock, or the client's disposal. For the root: the caller's token.</summary>
    /// <remarks>May be kept: it is never another attempt's token. After the attempt has ended it may be one that nothing cancels.</remarks>
    public CancellationToken CancellationToken => Own?.OwnClocks.ShareToken() ?? _callerToken;

    /// <summary>Time since the start of this call or attempt.</summary>
    public TimeSpan Elapsed => _services.Time.GetElapsedTime(StartedAt);

    /// <summary>From the start to the first piece of the answer; <see langword="null"/> while there is none.</summary>
    public TimeSpan? TimeToFirstUpdate => _firstUpdateAt < 0 ? null : _services.Time.GetElapsedTime(StartedAt, _firstUpdateAt);

    /// <summary>Token counts as reported so far.</summary>
    public UsageDetails? Usage => Fold.Usage;

    internal CallRequest Request { get; private set; }

    internal CallServices Services => _services;

    internal long StartedAt { get; }

    internal AttemptClocks Clocks => Own?.OwnClocks ?? throw new InvalidOperationException("Only an attempt has clocks.");

    internal CancellationToken CallerToken => _callerToken;

    /// <summary>Whether the caller disposed the stream while a read was pending. Set by another thread than the reading one.</summary>
    internal bool IsLeft => Volatile.Read(ref _isLeft);

    /// <summary>The provider's id of the attempt.</summary>
    internal string? RequestId
    {
        get => Own?.RequestId;
        set => Own!.RequestId = value;
    }

    /// <summary>Whether this attempt runs beside one that is slow.</summary>
    internal bool IsHedge => Own is { IsHedge: true };

    /// <summary>Whether this attempt was given up for one beside it.</summary>
    internal bool IsOvertaken => Own is { IsOvertaken: true };

    /// <summary>The key the attempt was sent with, so that an error that quotes it can be cleaned.</summary>
    internal string? Key => Own?.Key;

    /// <summary>What was sent for the key: itself, or a token signed with it.</summary>
    internal string? SentKey => Own?.SentKey;

    /// <summary>The request as it is sent, for cleaning errors that quote it. Counted by the exchange, not here.</summary>
    internal Pools.PooledBody? Body
    {
        get => Own?.Body;
        set => Own!.Body = value;
    }

    internal System.Net.HttpStatusCode? StatusCode
    {
        get => _status == 0 ? null : (System.Net.HttpStatusCode)_status;
        set => _status = (short)(value ?? 0);
    }

    /// <summary>The attempt whose answer the caller sees.</summary>
    internal Call? Adopted => Asked._adopted;

    /// <summary>Whether the answer is collected here, because a stage makes, changes or joins it, and not in an attempt.</summary>
    internal bool Collects => _collects;

    internal AnswerFold Fold => (_collects ? null : _adopted?.Fold ?? Shared?.Root.Fold) ?? (_fold ??= new AnswerFold(_services.Counters));

    /// <summary>What was kept and answers this call; null where a provider is asked.</summary>
    internal CacheHit? Hit
    {
        get => _cache as CacheHit;
        set
        {
            // What it had a part in has failed, and is replaced by what was kept.
            Shared?.OnCallEnded();
            _cache = value;
        }
    }

    /// <summary>Under what the answer will be kept; null where it will not be.</summary>
    internal CacheUse? CacheUse
    {
        get => _cache as CacheUse;
        set => _cache = value;
    }

    /// <summary>The call's part in an answer that a detached call makes; null where it asks itself.</summary>
    internal SharedAnswer? Shared
    {
        get => _cache as SharedAnswer;
        set => _cache = value;
    }

    /// <summary>The call whose attempts are this one's: itself, or the detached one that asks for it.</summary>
    private Call Asked => Shared?.Root ?? this;

    /// <summary>Where the answer comes from, or where it was last asked for.</summary>
    internal Target AnsweringTarget => Asked is var asked ? asked._adopted?.Target ?? asked._latest?.Target ?? TargetOf(Hit) ?? Targets[0] : null!;

    /// <summary>Whether nobody looks at the updates of this call: its answer may be taken as a whole.</summary>
    internal bool IsUnobserved => _observers is null;

    /// <summary>Whether nobody below has anything more to do with this attempt, not even after its end.</summary>
    internal bool IsSettled
    {
        set => Own!.IsSettled = value;
    }

    /// <summary>The root's answer is open. What comes straight from an attempt is in that attempt's fold; what a stage makes itself is collected here.</summary>
    internal void Receive(UpdateReader reader)
    {
        if (reader.Source is { } attempt) _adopted = attempt;
        else if (reader is not SharedAnswer { IsOpener: true }) _collects = true;
    }

    /// <summary>From now on the answer is collected here.</summary>
    internal void Collect() => _collects = true;

    /// <summary>An update has reached the caller's edge.</summary>
    /// <returns>The error of an observer that ends the answer here.</returns>
    internal Exception? Receive(in HarborUpdate update)
    {
        if (update.IsContent) MarkFirstUpdate();
        if (update.Kind == HarborUpdateKind.Restart && Shared is not null) NotifyRestart();
        else if (_collects && update.Kind == HarborUpdateKind.Restart) ForgetCollected();
        else if (_collects) Fold.Append(update);

        return Notify(update);
    }

    /// <summary>Whether nobody wants this attempt's further updates one by one: a plain call, of which the first piece has passed, takes its answer from the fold.</summary>
    internal bool IsOnlyFolded => Parent is { IsStreaming: false, _collects: false, _observers: null, _isObserved: false, _firstUpdateAt: >= 0 } root && ReferenceEquals(root._adopted, this);

    internal void SetDeadline(TimeSpan total)
    {
        if (total != Timeout.InfiniteTimeSpan) _deadline = StartedAt + (long)((total - Request.Spent).TotalSeconds * _services.Time.TimestampFrequency);
    }

    /// <summary>When the Total clock runs out; <see cref="long.MaxValue"/> for never.</summary>
    internal long DeadlineTimestamp => Volatile.Read(ref _deadline);

    internal bool IsPastDeadline => _services.Time.GetTimestamp() >= _deadline;

    internal void MarkFirstUpdate()
    {
        if (_firstUpdateAt >= 0) return;
        _firstUpdateAt = _services.Time.GetTimestamp();
        Own?.OnFirstUpdate();
    }

    /// <summary>The target that gave a kept answer.</summary>
    private Target? TargetOf(CacheHit? hit)
    {
        if (hit is null) return null;
        foreach (Target target in Targets)
        {
            if (target.Provider == hit.Answer.Provider && target.Model == hit.Answer.TargetModel) return target;
        }

        return null;
    }

    private void ForgetCollected()
    {
        _fold?.Release();
        _fold = null;
    }
}
