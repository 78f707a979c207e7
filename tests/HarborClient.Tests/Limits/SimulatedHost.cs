using HarborClient.Limits;
using HarborClient.Testing.Engine;

namespace HarborClient.Tests.Limits;

// A host of a known capacity, which may change with time.
internal abstract class SimulatedHost(Func<double, double> capacity)
{
    public int Busy { get; protected set; }

    public double FailureShare { get; init; }

    public double Capacity(double now) => capacity(now);

    public virtual RateLimitFacts Facts(double now) => default;

    public abstract void Arrive(Simulation simulation, SimulatedRequest request);

    // It takes so many at once and refuses the rest within 50 to 100 ms.
    internal sealed class Cap(Func<double, double> capacity) : SimulatedHost(capacity)
    {
        public override void Arrive(Simulation simulation, SimulatedRequest request)
        {
            if (Busy >= Capacity(simulation.Now))
            {
                simulation.Refuse(request, RejectClass.Concurrency, null);
                return;
            }

            Busy++;
            if (simulation.Random.NextDouble() < FailureShare) simulation.Fail(request, request.PrefillSeconds, () => Busy--);
            else simulation.Answer(request, request.PrefillSeconds, request.DecodeSeconds, () => Busy--);
        }
    }

    // An engine: slots, a silent queue before them, and tokens that come slower the more of the slots are taken.
    internal sealed class Queue(Func<double, double> capacity) : SimulatedHost(capacity)
    {
        private readonly Queue<SimulatedRequest> _waiting = new();

        public override void Arrive(Simulation simulation, SimulatedRequest request)
        {
            _waiting.Enqueue(request);
            Start(simulation);
        }

        private void Start(Simulation simulation)
        {
            while (Busy < Capacity(simulation.Now) && _waiting.TryDequeue(out SimulatedRequest? next))
            {
                Busy++;
                double slowness = 0.5 + (0.5 * Math.Min(1, Busy / Capacity(simulation.Now)));
                simulation.Answer(next, next.PrefillSeconds, next.DecodeSeconds * slowness, () =>
                {
                    Busy--;
                    Start(simulation);
                });
            }
        }
    }

    // Requests and tokens a minute in buckets that refill, with headers and Retry-After. Capacity is the share of both that it grants.
    internal sealed class Rate(long requestsPerMinute, long tokensPerMinute, Func<double, double> share) : SimulatedHost(share)
    {
        private double _requests = requestsPerMinute;
        private double _tokens = tokensPerMinute;
        private double _at;

        public override RateLimitFacts Facts(double now)
        {
            Refill(now);
            return new RateLimitFacts(Fact(requestsPerMinute, _requests, now), Fact(tokensPerMinute, _tokens, now), default, default);
        }

        public override void Arrive(Simulation simulation, SimulatedRequest request)
        {
            Refill(simulation.Now);
            long tokens = request.InputTokens + request.OutputTokens;
            double wait = Math.Max((1 - _requests) / (requestsPerMinute * Capacity(simulation.Now) / 60), (tokens - _tokens) / (tokensPerMinute * Capacity(simulation.Now) / 60));
            if (wait > 0)
            {
                simulation.Refuse(request, RejectClass.Rate, TimeSpan.FromSeconds(wait));
                return;
            }

            _requests--;
            _tokens -= tokens;
            simulation.CountTokens(tokens);
            simulation.Answer(request, request.PrefillSeconds, request.DecodeSeconds, () => { });
        }

        private RateFact Fact(long perMinute, double left, double now) => new((long)(perMinute * Capacity(now)), (long)Math.Max(0, left));

        private void Refill(double now)
        {
            double share = Capacity(now);
            _requests = Math.Min(requestsPerMinute * share, _requests + ((now - _at) * requestsPerMinute * share / 60));
            _tokens = Math.Min(tokensPerMinute * share, _tokens + ((now - _at) * tokensPerMinute * share / 60));
            _at = now;
        }
    }

    // No more than its limits in any minute, as the emulator counts.
    internal sealed class AnyMinute(long requestsPerMinute, long tokensPerMinute, bool tellsLimits) : SimulatedHost(_ => 1)
    {
        private RateWindow? _requests;
        private RateWindow? _tokens;

        public override RateLimitFacts Facts(double now) => tellsLimits && _requests is not null ? new RateLimitFacts(Fact(_requests), Fact(_tokens!), default, default) : default;

        public override void Arrive(Simulation simulation, SimulatedRequest request)
        {
            _requests ??= new RateWindow(requestsPerMinute, simulation.Time);
            _tokens ??= new RateWindow(tokensPerMinute, simulation.Time);
            long tokens = request.InputTokens + request.OutputTokens;
            TimeSpan forRequests = _requests.WaitFor(1);
            TimeSpan forTokens = _tokens.WaitFor(tokens);
            if (forRequests > TimeSpan.Zero || forTokens > TimeSpan.Zero)
            {
                simulation.Refuse(request, RejectClass.Rate, forRequests > forTokens ? forRequests : forTokens);
                return;
            }

            _requests.Take(1);
            _tokens.Take(tokens);
            simulation.CountTokens(tokens);
            simulation.Answer(request, request.PrefillSeconds, request.DecodeSeconds, () => { });
        }

        private static RateFact Fact(RateWindow window) => new(window.State().Limit, window.State().Remaining);
    }
}
