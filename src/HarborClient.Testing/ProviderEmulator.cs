using HarborClient.Testing.Doors;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing;

/// <summary>A provider that answers by script: in memory through <see cref="CreateHandler"/>, or on a real port through <see cref="StartAsync"/>.</summary>
/// <remarks>
/// Steps are used up one per request, in order of arrival; afterwards <see cref="Otherwise"/> answers. GET requests (model lists, health probes) use up
/// no step: they get the answer of <see cref="Otherwise"/>, or of a rule. Both doors share one script. Thread-safe; steps may be added while it serves.
/// </remarks>
public sealed partial class ProviderEmulator
{
    private readonly ScriptEngine _engine;

    /// <summary>A provider with an empty script.</summary>
    /// <param name="timeProvider">The clock of all delays, limits and times; null = the system's. See <see cref="ManualTimeProvider"/>.</param>
    public ProviderEmulator(TimeProvider? timeProvider = null) => _engine = new ScriptEngine(timeProvider ?? TimeProvider.System);

    /// <summary>Every request so far, in order of arrival: a new list each time, of live entries.</summary>
    public IReadOnlyList<EmulatedAttempt> Attempts => _engine.Log.Snapshot();

    /// <summary>How many requests have not ended yet.</summary>
    public int InFlight => _engine.Log.InFlight().Now;

    /// <summary>The most requests that were in flight at once.</summary>
    public int PeakInFlight => _engine.Log.InFlight().Peak;

    /// <summary>How many steps of the script are left.</summary>
    public int RemainingSteps => _engine.RemainingSteps;

    /// <summary>Next comes a plain status, with the error body that the protocol has for it.</summary>
    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="retryAfterSeconds">Sent as retry-after; a fraction adds retry-after-ms.</param>
    /// <param name="body">A body of your own, as JSON; null = the protocol's.</param>
    /// <param name="headers">More response headers.</param>
    /// <returns>This emulator.</returns>
    public ProviderEmulator Then(int statusCode, double? retryAfterSeconds = null, string? body = null, IReadOnlyDictionary<string, string>? headers = null)
    {
        EmulatedReply reply = body is null ? EmulatedReply.Error(statusCode) : EmulatedReply.Raw(body, "application/json", statusCode);
        if (retryAfterSeconds is { } seconds) reply.RetryAfter(seconds);
        foreach ((string name, string value) in headers ?? new Dictionary<string, string>())
        {
            reply.Header(name, value);
        }

        return ThenReply(reply);
    }

    /// <summary>Next comes an answer with this text, one update a word when streamed.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator ThenAnswer(string text, Action<EmulatedReply>? configure = null) => ThenConfigured(EmulatedReply.Answer(text), configure);

    /// <summary>Next comes an answer with exactly these updates when streamed.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator ThenAnswer(IEnumerable<string> pieces, Action<EmulatedReply>? configure = null) =>
        ThenConfigured(EmulatedReply.Answer(pieces), configure);

    /// <summary>Next comes this reply.</summary>
    /// <param name="reply">Copied: changing it afterwards has no effect.</param>
    /// <param name="times">For how many requests.</param>
    /// <returns>This emulator.</returns>
    public ProviderEmulator ThenReply(EmulatedReply reply, int times = 1)
    {
        ArgumentNullException.ThrowIfNull(reply);
        for (int i = 0; i < times; i++)
        {
            _engine.AddStep(reply.Settings);
        }

        return this;
    }

    /// <summary>Next comes exactly this body.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator ThenRaw(byte[] body, string contentType, int status = 200) => ThenReply(EmulatedReply.Raw(body, contentType, status));

    /// <summary>Next comes exactly this body, as UTF-8.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator ThenRaw(string body, string contentType, int status = 200) => ThenReply(EmulatedReply.Raw(body, contentType, status));

    /// <summary>Next comes a recorded reply.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator ThenReplay(RecordedExchange exchange, Action<EmulatedReply>? configure = null) =>
        ThenConfigured(EmulatedReply.Replay(exchange), configure);

    /// <summary>Answers every request for which the script has no step. By default "You said: " and the last user message.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator Otherwise(EmulatedReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        _engine.SetOtherwise(reply.Settings);
        return this;
    }

    /// <summary>Adds a rule that is asked before the script; the first that returns a reply wins, and no step is used up.</summary>
    /// <param name="rule">Called once the request's body was read, from several threads at once. Null = not mine.</param>
    /// <returns>This emulator.</returns>
    /// <remarks>For concurrent tests, where the order of arrival is open. With a rule the body is read first in any case.</remarks>
    public ProviderEmulator Respond(Func<EmulatedAttempt, EmulatedReply?> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _engine.AddRule(rule);
        return this;
    }

    /// <summary>Changes every reply just before it is sent, scripted, default or ruled: splits, padding, delays for all.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator EveryReply(Action<EmulatedReply> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _engine.SetEveryReply(configure);
        return this;
    }

    /// <summary>Sets the models that the model list names. Default one, "emulated-model".</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator ServeModels(params string[] models)
    {
        ArgumentOutOfRangeException.ThrowIfZero(models.Length, nameof(models));
        _engine.SetModels([.. models]);
        return this;
    }

    /// <summary>Refuses what exceeds so many requests in any minute with 429, retry-after and the protocol's limit headers; no step is used up.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator LimitRequests(int perMinute)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perMinute, 1);
        _engine.Limits.LimitRequests(perMinute);
        return this;
    }

    /// <summary>The same for prompt tokens, estimated at four bytes each.</summary>
    /// <returns>This emulator.</returns>
    public ProviderEmulator LimitTokens(long perMinute)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perMinute, 1);
        _engine.Limits.LimitTokens(perMinute);
        return this;
    }

    /// <summary>Reads the bodies left unread by <see cref="EmulatedReply.AnswerBeforeReadingBody"/>.</summary>
    /// <remarks>In memory they have been read on return, unless the content itself waits; <see cref="BodyRead"/> is certain on both doors.</remarks>
    public void FinishReadingBodies() => _engine.FinishReadingBodies();

    /// <summary>Completes when request <paramref name="number"/> has arrived, with its body if that is to be read.</summary>
    /// <returns>Ends with that request's arrival, at once if it has arrived.</returns>
    /// <exception cref="TimeoutException">Not within 10 s of real time; the message lists what was seen.</exception>
    public Task AttemptReceived(int number) => _engine.Log.Received(number);

    /// <summary>Completes when the body of request <paramref name="number"/> has been read.</summary>
    /// <returns>Ends when that body was read, at once if it was.</returns>
    /// <exception cref="TimeoutException">Not within 10 s of real time; the message lists what was seen.</exception>
    public Task BodyRead(int number) => _engine.Log.BodyRead(number);

    /// <summary>Completes when request <paramref name="number"/> has ended, by whichever side.</summary>
    /// <returns>Ends with that request, at once if it has ended.</returns>
    /// <exception cref="TimeoutException">Not within 10 s of real time; the message lists what was seen.</exception>
    public Task AttemptEnded(int number) => _engine.Log.Ended(number);

    /// <summary>A handler that answers in memory: no socket, no buffer, every delay on the emulator's clock.</summary>
    /// <returns>A handler for any number of clients.</returns>
    /// <remarks>Each write of the script is returned by its own read. Disposing the handler does nothing; one serves any number of clients.</remarks>
    public HttpMessageHandler CreateHandler() => new EmulatorHandler(_engine);

    /// <summary>Starts a server on 127.0.0.1, which stops when disposed.</summary>
    /// <param name="useTls">True: HTTP/1.1 and HTTP/2 over TLS, with a certificate made on the spot. False: HTTP/1.1.</param>
    /// <param name="port">0 = any free one.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The server, which listens by then. The caller disposes it.</returns>
    public Task<EmulatorServer> StartAsync(bool useTls = false, int port = 0, CancellationToken cancellationToken = default) =>
        EmulatorServer.StartAsync(_engine, useTls, port, cancellationToken);

    private ProviderEmulator ThenConfigured(EmulatedReply reply, Action<EmulatedReply>? configure)
    {
        configure?.Invoke(reply);
        return ThenReply(reply);
    }
}
