using System.Runtime.CompilerServices;

namespace HarborClient.Tests.Limits;

// The seven scenarios, each with ten seeds, run once for all tests that look at them.
internal static class Scenarios
{
    public const int Seeds = 10;
    public const double Duration = 900;
    public const double HalvedAt = 300;
    public const double QuadrupledAt = 600;
    public const double WarmUp = 60;
    public const double RateHalvedAt = 450;
    public const long TokensPerMinute = 300_000;

    // A request of the median sizes takes about 4 s, the mean one 6.1 s: 40 at once are 6.5 a second.
    private const double MeanSeconds = 6.1;

    private static readonly ConditionalWeakTable<string, SimulationRecord[]> Done = [];

    public static SimulationRecord[] Cap(string scheme) => Run("cap " + scheme, seed => Steps(new SimulatedHost.Cap(Capacity), scheme, seed));

    public static SimulationRecord[] Queue(string scheme) => Run("queue " + scheme, seed => Steps(new SimulatedHost.Queue(Capacity), scheme, seed));

    public static SimulationRecord[] Rate(string scheme) => Run("rate " + scheme, seed =>
        Steps(new SimulatedHost.Rate(600, TokensPerMinute, now => now < RateHalvedAt ? 1 : 0.5), scheme, seed, medianInputTokens: 2000));

    public static SimulationRecord[] FourInstances(bool exchange) => Run("four " + exchange, seed =>
    {
        var simulation = new Simulation(new SimulatedHost.Cap(_ => 40), seed);
        IThrottle[] clients = [.. Enumerable.Range(0, 4).Select(client => new LimiterThrottle(new LimitOptions(), simulation.Time, (10 * seed) + client))];
        return simulation.Run(Duration, clients, [0, 0, 120, 240], exchange ? 2 : 0);
    });

    public static SimulationRecord[] OpenLoop() => Run("open", seed =>
    {
        var simulation = new Simulation(new SimulatedHost.Queue(_ => 40), seed) { ArrivalsPerSecond = 0.6 * 40 / MeanSeconds };
        return simulation.Run(Duration, new LimiterThrottle(new LimitOptions(), simulation.Time, seed));
    });

    public static SimulationRecord[] OtherCaps(int capacity) => Run("cap of " + capacity, seed => Steps(new SimulatedHost.Cap(_ => capacity), "limiter", seed));

    public static SimulationRecord[] RandomFailures() => Run("failures", seed => Steps(new SimulatedHost.Cap(_ => 100) { FailureShare = 0.01 }, "limiter", seed));

    public static double Capacity(double now) => now < HalvedAt ? 40 : now < QuadrupledAt ? 20 : 80;

    private static SimulationRecord Steps(SimulatedHost host, string scheme, int seed, double medianInputTokens = 1000)
    {
        var simulation = new Simulation(host, seed) { MedianInputTokens = medianInputTokens };
        IThrottle throttle = scheme switch
        {
            "limiter" => new LimiterThrottle(new LimitOptions(), simulation.Time, seed),
            "fixed" => PlainThrottle.Fixed(50),
            "naive" => PlainThrottle.PlusMinusTen(),
            _ => PlainThrottle.Oracle(() => Capacity(simulation.Now)),
        };
        return simulation.Run(Duration, throttle);
    }

    private static SimulationRecord[] Run(string scenario, Func<int, SimulationRecord> run) =>
        Done.GetValue(string.Intern(scenario), _ => [.. Enumerable.Range(1, Seeds).Select(run)]);
}
