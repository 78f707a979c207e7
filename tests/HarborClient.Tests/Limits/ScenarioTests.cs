using System.Diagnostics;
using System.Globalization;

namespace HarborClient.Tests.Limits;

public sealed class Scratch
{
    private static double Steps(double now) => now < 300 ? 40 : now < 600 ? 20 : 80;

    [Fact]
    public void Print()
    {
        using var w = new StreamWriter("/tmp/limits-sim.txt");
        void P(FormattableString s) { w.WriteLine(s.ToString(CultureInfo.InvariantCulture)); w.Flush(); }
        foreach (string kind in new[] { "cap", "queue" })
        {
            foreach (string scheme in new[] { "limiter", "fixed", "naive", "oracle" })
            {
                for (int seed = 1; seed <= 6; seed++)
                {
                    var sw = Stopwatch.StartNew();
                    SimulatedHost host = kind == "cap" ? new SimulatedHost.Cap(Steps) : new SimulatedHost.Queue(Steps);
                    var sim = new Simulation(host, seed);
                    IThrottle t = scheme switch { "limiter" => new LimiterThrottle(new LimitOptions(), sim.Time, seed), "fixed" => PlainThrottle.Fixed(50), "naive" => PlainThrottle.PlusMinusTen(), _ => PlainThrottle.Oracle(() => Steps(sim.Now)) };
                    var r = sim.Run(900, t);
                    P($"{kind} {scheme} {seed}: settle {r.SettledAfter(0, 40, 300):0} {r.SettledAfter(300, 20, 600):0} {r.SettledAfter(600, 80, 900):0} rej {r.RefusedPercent(60, 300):0.00} {r.RefusedPercent(300, 330):0.0} {r.RefusedPercent(330, 600):0.00} {r.RefusedPercent(600, 900):0.00} good {r.PerSecond(0, 900):0.00} p95 {r.FirstUpdateP95(60, 300):0.0} {r.FirstUpdateP95(360, 600):0.0} {r.FirstUpdateP95(660, 900):0.0} util {r.Utilisation(60, 300):0.000} {r.Utilisation(360, 600):0.000} {r.Utilisation(660, 899):0.000} ms {sw.ElapsedMilliseconds}");
                }
            }
        }

        foreach (int c in new[] { 3, 10, 150 })
            for (int seed = 1; seed <= 6; seed++)
            {
                var sim = new Simulation(new SimulatedHost.Cap(_ => c), seed);
                var r = sim.Run(600, new LimiterThrottle(new LimitOptions(), sim.Time, seed));
                P($"S6 {c} {seed}: rej {r.RefusedPercent(60, 600):0.00} all {r.RefusedPercent(0, 600):0.00} util {r.Utilisation(60, 599):0.000}");
            }

        foreach (string scheme in new[] { "limiter", "fixed", "naive" })
        for (int seed = 1; seed <= 4; seed++)
        {
            var sim = new Simulation(new SimulatedHost.Rate(600, 300_000, now => now < 450 ? 1 : 0.5), seed) { MedianInputTokens = 2000 };
            IThrottle t = scheme switch { "limiter" => new LimiterThrottle(new LimitOptions(), sim.Time, seed), "fixed" => PlainThrottle.Fixed(50), _ => PlainThrottle.PlusMinusTen() };
            var r = sim.Run(900, t);
            P($"S3 {scheme} {seed}: rej {r.RefusedPercent(0, 450):0.00} {r.RefusedPercent(450, 900):0.00} quota {r.TokensPerSecond(60, 450) / 5000:0.000} {r.TokensPerSecond(510, 900) / 2500:0.000} all {r.TokensPerSecond(0, 450) / 5000:0.000} {r.TokensPerSecond(450, 900) / 2500:0.000} good {r.PerSecond(0, 900):0.00}");
        }

        foreach (double ex in new[] { 2.0, 0 })
        for (int seed = 1; seed <= 6; seed++)
        {
            var sim = new Simulation(new SimulatedHost.Cap(_ => 40), seed);
            var r = sim.Run(900, [.. Enumerable.Range(0, 4).Select(i => new LimiterThrottle(new LimitOptions(), sim.Time, seed * 10 + i))], [0, 0, 120, 240], ex);
            P($"S4 {ex} {seed}: jain {r.Fairness(4, 360, 900):0.000} rej {r.RefusedPercent(60, 900):0.00} {r.RefusedPercent(300, 900):0.00} util {r.Utilisation(60, 899):0.000}");
        }

        for (int seed = 1; seed <= 6; seed++)
        {
            var sim = new Simulation(new SimulatedHost.Queue(_ => 40), seed) { ArrivalsPerSecond = 0.6 * 40 / 6.5 };
            var r = sim.Run(600, new LimiterThrottle(new LimitOptions(), sim.Time, seed));
            P($"S5 {seed}: rej {r.RefusedPercent(0, 600):0.00} wait {r.WaitP95() * 1000:0.0} ms util {r.Utilisation(60, 599):0.00} rps {r.PerSecond(60, 599):0.00} lowest {r.LowestLimit(60, 599):0.0}");
            var sim7 = new Simulation(new SimulatedHost.Cap(_ => 1000) { FailureShare = 0.01 }, seed);
            r = sim7.Run(300, new LimiterThrottle(new LimitOptions(), sim7.Time, seed));
            P($"S7 {seed}: lowest {r.LowestLimit(60, 300):0.0}");
        }
    }
}
