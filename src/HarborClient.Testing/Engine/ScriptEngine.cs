using HarborClient.Testing.Protocols;

namespace HarborClient.Testing.Engine;

// One emulator's script. Both doors hand their requests to RunAsync, which never throws.
internal sealed class ScriptEngine
{
    private readonly TimeProvider _time;
    private readonly ReplyRunner _runner;
    private readonly Lock _gate = new();

    // All below are guarded by _gate.
    private readonly Queue<ReplySettings> _steps = new();
    private readonly List<Func<EmulatedAttempt, EmulatedReply?>> _rules = [];
    private readonly List<InlineSignal<bool>> _unreadBodies = [];
    private ReplySettings _otherwise = new();
    private Action<EmulatedReply>? _everyReply;
    private string[] _models = ["emulated-model"];

    public ScriptEngine(TimeProvider time)
    {
        _time = time;
        Log = new AttemptLog(time);
        Limits = new RateLimits(time);
        Outages = new Outages(time);
        _runner = new ReplyRunner(Log, time);
    }

    public AttemptLog Log { get; }

    public RateLimits Limits { get; }

    public Outages Outages { get; }

    public int RemainingSteps
    {
        get
        {
            lock (_gate)
            {
                return _steps.Count;
            }
        }
    }

    public void AddStep(ReplySettings step)
    {
        lock (_gate)
        {
            _steps.Enqueue(step);
        }
    }

    public void AddRule(Func<EmulatedAttempt, EmulatedReply?> rule)
    {
        lock (_gate)
        {
            _rules.Add(rule);
        }
    }

    public void SetOtherwise(ReplySettings reply)
    {
        lock (_gate)
        {
            _otherwise = reply;
        }
    }

    public void SetEveryReply(Action<EmulatedReply> configure)
    {
        lock (_gate)
        {
            _everyReply += configure;
        }
    }

    public void SetModels(string[] models)
    {
        lock (_gate)
        {
            _models = models;
        }
    }

    public void FinishReadingBodies()
    {
        InlineSignal<bool>[] unread;
        lock (_gate)
        {
            unread = [.. _unreadBodies];
            _unreadBodies.Clear();
        }

        foreach (InlineSignal<bool> body in unread)
        {
            body.TrySetResult(true);
        }
    }

    public async Task RunAsync(IExchange exchange)
    {
        (EmulatedAttempt attempt, ReplySettings? step) = Admit(exchange.Head);
        try
        {
            EmulatedProtocol protocol = EmulatedProtocol.For(exchange.Head);
            ReplySettings? reply = step is null ? null : Configured(step);
            if (reply is null || reply.ReadsBodyFirst) await ReadBodyAsync(exchange, attempt, protocol, null, reply).ConfigureAwait(false);
            Log.MarkReceived(attempt);
            HeaderList limitHeaders = [];
            if (reply is null)
            {
                (reply, limitHeaders) = DecideWithBody(exchange.Head, attempt, protocol);
                reply = Configured(reply);
                if (reply.AnswersBeforeReadingBody || reply.BodyBytesPerRead > 0)
                {
                    string setting = reply.AnswersBeforeReadingBody ? nameof(EmulatedReply.AnswerBeforeReadingBody) : nameof(EmulatedReply.ReadBodySlowly);
                    throw new InvalidOperationException($"{setting} needs a script without rules and limits: those read the body first.");
                }
            }

            await SendAsync(reply, limitHeaders, exchange, attempt, protocol).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (HasLeft(exchange, exception))
        {
            Log.End(attempt, AttemptOutcome.ClientClosed);
        }
        catch (Exception exception)
        {
            // A rule, a setting or the client's own content failed: whoever sent the request must see it.
            Log.End(attempt, AttemptOutcome.Reset);
            await exchange.FailAsync(exception).ConfigureAwait(false);
        }
    }

    private static bool HasLeft(IExchange exchange, OperationCanceledException exception) =>
        exception is ClientLeftException || exchange.ClientGone.IsCancellationRequested;

    // One lock for number and step, so that the n-th attempt gets the n-th step. Null: the body decides.
    private (EmulatedAttempt Attempt, ReplySettings? Reply) Admit(RequestHead head)
    {
        lock (_gate)
        {
            EmulatedAttempt attempt = Log.Add(head);
            return (attempt, Outages.Now() ?? (_rules.Count > 0 || Limits.IsSet ? null : TakeStep(head)));
        }
    }

    // A model list or health probe in the background must not eat the script's steps.
    private ReplySettings TakeStep(RequestHead head) =>
        head.Method != "GET" && _steps.TryDequeue(out ReplySettings? step) ? step : _otherwise;

    private (ReplySettings Reply, HeaderList LimitHeaders) DecideWithBody(RequestHead head, EmulatedAttempt attempt, EmulatedProtocol protocol)
    {
        HeaderList limitHeaders = [];
        if (Limits.IsSet && head.Method != "GET")
        {
            (TimeSpan retryAfter, LimitState requests, LimitState tokens) = Limits.Check(protocol.EstimatePromptTokens(attempt.Request));
            limitHeaders = protocol.LimitHeaders(requests, tokens);
            if (retryAfter > TimeSpan.Zero) return (EmulatedReply.Error(429, Math.Ceiling(retryAfter.TotalMilliseconds) / 1000).Settings, limitHeaders);
        }

        Func<EmulatedAttempt, EmulatedReply?>[] rules;
        lock (_gate)
        {
            rules = [.. _rules];
        }

        EmulatedReply? ruled = rules.Select(rule => rule(attempt)).FirstOrDefault(reply => reply is not null);
        lock (_gate)
        {
            return (ruled?.Settings ?? TakeStep(head), limitHeaders);
        }
    }

    private ReplySettings Configured(ReplySettings settings)
    {
        Action<EmulatedReply>? configure;
        lock (_gate)
        {
            configure = _everyReply;
        }

        EmulatedReply reply = EmulatedReply.FromSettings(settings);
        configure?.Invoke(reply);
        return reply.Settings;
    }

    private async Task SendAsync(
        ReplySettings reply, HeaderList limitHeaders, IExchange exchange, EmulatedAttempt attempt, EmulatedProtocol protocol)
    {
        var gate = new InlineSignal<bool>();
        Task lateBody = Task.CompletedTask;
        if (reply.AnswersBeforeReadingBody) lateBody = HoldBodyAsync(exchange, attempt, protocol, gate, reply);
        var context = new RenderContext(exchange.Head, attempt.Request, attempt.Number, attempt.ReceivedAt, Models());
        await _runner.RunAsync(ReplyPlanner.Build(reply, protocol, context, limitHeaders), exchange, attempt).ConfigureAwait(false);
        if (reply.ReadsBodyAfterReply) gate.TrySetResult(true);
        await lateBody.ConfigureAwait(false);
    }

    private string[] Models()
    {
        lock (_gate)
        {
            return _models;
        }
    }

    private async Task HoldBodyAsync(
        IExchange exchange, EmulatedAttempt attempt, EmulatedProtocol protocol, InlineSignal<bool> gate, ReplySettings reply)
    {
        lock (_gate)
        {
            _unreadBodies.Add(gate);
        }

        try
        {
            await ReadBodyAsync(exchange, attempt, protocol, gate, reply).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (HasLeft(exchange, exception))
        {
            // The client took its body with it; the reply's own end says what became of the attempt.
        }
        finally
        {
            lock (_gate)
            {
                _unreadBodies.Remove(gate);
            }
        }
    }

    private async Task ReadBodyAsync(
        IExchange exchange, EmulatedAttempt attempt, EmulatedProtocol protocol, InlineSignal<bool>? gate, ReplySettings? reply)
    {
        BodyPace? pace = reply is { BodyBytesPerRead: > 0 } ? new BodyPace(_time, reply.BodyBytesPerRead, reply.PauseBetweenBodyReads) : null;
        byte[] bytes = await exchange.ReadBodyAsync(gate, pace).ConfigureAwait(false);
        attempt.SetBody(protocol.ReadBody(exchange.Head, bytes));
        Log.MarkBodyRead(attempt);
        if (gate is null) exchange.ClientGone.ThrowIfCancellationRequested();
    }
}
