using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// Requests, a host and what stands between them, event by event in virtual time. The same seed gives the same requests whatever stands between.
internal sealed class Simulation
{
    private const double NetworkSeconds = 0.02;
    private const double NetworkJitterSeconds = 0.03;
    private const double LookEverySeconds = 0.05;

    private readonly SimulatedTime _time = new();
    private readonly PriorityQueue<Action, (double At, long Order)> _events = new();
    private readonly Queue<SimulatedRequest> _backlog = new();
    private readonly Random _sizes;
    private readonly SimulatedHost _host;
    private IThrottle[] _clients = [];
    private double[] _joinAt = [];
    private long _order;
    private int _turn;
    private SimulatedRequest? _next;

    public Simulation(SimulatedHost host, int seed)
    {
        _host = host;
        _sizes = new Random(seed);
        Random = new Random(seed + 1_000_000);
    }

    public Random Random { get; }

    public TimeProvider Time => _time;

    public double Now => _time.Now;

    public SimulationRecord Record { get; } = new();

    // Median of the prompts' sizes.
    public double MedianInputTokens { get; init; } = 1000;

    // Requests a second, independent of what comes back; 0 = as many as are let out.
    public double ArrivalsPerSecond { get; init; }

    public SimulationRecord Run(double seconds, IThrottle throttle) => Run(seconds, [throttle], [0]);

    public SimulationRecord Run(double seconds, IThrottle[] clients, double[] joinAt, double exchangeEverySeconds = 0)
    {
        (_clients, _joinAt) = (clients, joinAt);
        Every(1, Trace);
        Every(LookEverySeconds, Send);
        if (ArrivalsPerSecond > 0) Arrive();
        if (exchangeEverySeconds > 0) Every(exchangeEverySeconds, Exchange);
        while (_events.TryDequeue(out Action? action, out (double At, long) due) && due.At < seconds)
        {
            _time.Now = due.At;
            action();
        }

        return Record;
    }

    public void Answer(SimulatedRequest request, double firstAfter, double restAfter, Action free)
    {
        RateLimitFacts facts = _host.Facts(Now);
        At(Now + firstAfter, () =>
        {
            Record.FirstUpdate(Now, Now - request.SentAt);
            _clients[request.Client].OnFirstUpdate(request, facts);
            Send();
        });
        At(Now + firstAfter + restAfter, () =>
        {
            free();
            Record.Complete(Now, request.Client);
            _clients[request.Client].Exit(request, isWhole: true);
            Send();
        });
    }

    public void Refuse(SimulatedRequest request, RejectClass rejectClass, TimeSpan? retryAfter)
    {
        RateLimitFacts facts = _host.Facts(Now);
        At(Now + 0.05 + (0.05 * Random.NextDouble()), () =>
        {
            IThrottle client = _clients[request.Client];
            Record.Refused(Now);
            client.OnRejected(request, rejectClass, retryAfter, facts);
            request.Refusals++;
            if (client.HoldsWhileBackingOff)
            {
                At(Now + (Math.Min(8, Math.Pow(2, request.Refusals - 1)) * (0.75 + (0.5 * Random.NextDouble()))), () => Transmit(request));
                return;
            }

            client.Exit(request, isWhole: false);
            Send();
        });
    }

    public void Fail(SimulatedRequest request, double after, Action free) => At(Now + after, () =>
    {
        free();
        _clients[request.Client].OnFailed(request);
        _clients[request.Client].Exit(request, isWhole: false);
        Send();
    });

    public void CountTokens(long tokens) => Record.Tokens(Now, tokens);

    private void Send()
    {
        if (ArrivalsPerSecond > 0)
        {
            while (_backlog.TryPeek(out SimulatedRequest? first) && _clients[0].TryEnter(first))
            {
                _backlog.Dequeue();
                Record.Waited(Now - first.ArrivedAt);
                Transmit(first);
            }

            return;
        }

        // Everybody's turn to be first comes round, so that none is favoured by its place.
        _turn++;
        for (int i = 0; i < _clients.Length; i++)
        {
            int client = (i + _turn) % _clients.Length;
            if (Now < _joinAt[client]) continue;
            while (true)
            {
                SimulatedRequest request = _next ??= Make(client);
                request.Client = client;
                if (!_clients[client].TryEnter(request)) break;
                _next = null;
                Transmit(request);
            }
        }
    }

    private SimulatedRequest Make(int client) => new()
    {
        InputTokens = (long)Math.Ceiling(MedianInputTokens * Math.Exp(0.5 * Normal())),
        OutputTokens = (long)Math.Clamp(250 * Math.Exp(0.9 * Normal()), 1, 4000),
        LatencyFactor = Math.Exp(0.15 * Normal()),
        EstimateFactor = 0.92 + (0.16 * _sizes.NextDouble()),
        Client = client,
        ArrivedAt = Now,
    };

    private void Transmit(SimulatedRequest request)
    {
        request.SentAt = Now;
        At(Now + NetworkSeconds + (NetworkJitterSeconds * Random.NextDouble()), () => _host.Arrive(this, request));
    }

    private void Arrive()
    {
        _backlog.Enqueue(Make(0));
        Send();
        At(Now - (Math.Log(1 - _sizes.NextDouble()) / ArrivalsPerSecond), Arrive);
    }

    // What four processes do through Redis: tell, and move towards the mean of those who are there.
    private void Exchange()
    {
        RouteLimiter[] present = [.. _clients.Where((_, client) => Now >= _joinAt[client]).Select(client => ((LimiterThrottle)client).Limiter)];
        LimitShare[] told = [.. present.Select(limiter => limiter.Publish())];
        foreach (RouteLimiter limiter in present) limiter.Nudge(told.Average(one => one.Limit), told.Average(one => one.Maximum));
    }

    private void Trace() => Record.Trace(_clients.Select(client => client.Limit), _host.Busy / Math.Max(1, _host.Capacity(Now)));

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _sizes.NextDouble())) * Math.Cos(2 * Math.PI * _sizes.NextDouble());

    private void Every(double seconds, Action action) => At(Now + seconds, () =>
    {
        action();
        Every(seconds, action);
    });

    private void At(double when, Action action) => _events.Enqueue(action, (when, _order++));
}
