namespace HarborClient.Tests.Limits;

// What happened, second by second.
internal sealed class SimulationRecord
{
    private readonly List<(double At, double Seconds)> _firstUpdates = [];
    private readonly List<double> _refusals = [];
    private readonly List<(double At, int Client)> _completions = [];
    private readonly List<(double At, long Tokens)> _tokens = [];
    private readonly List<double[]> _limits = [];
    private readonly List<double> _busy = [];
    private readonly List<double> _waits = [];

    public void FirstUpdate(double at, double seconds) => _firstUpdates.Add((at, seconds));

    public void Refused(double at) => _refusals.Add(at);

    public void Complete(double at, int client) => _completions.Add((at, client));

    public void Tokens(double at, long tokens) => _tokens.Add((at, tokens));

    public void Waited(double seconds) => _waits.Add(seconds);

    public void Trace(IEnumerable<double> limits, double busy)
    {
        _limits.Add([.. limits]);
        _busy.Add(busy);
    }

    // Per cent of what was asked.
    public double RefusedPercent(double from, double to)
    {
        int refused = _refusals.Count(at => at >= from && at < to);
        int answered = _firstUpdates.Count(first => first.At >= from && first.At < to);
        return refused == 0 ? 0 : 100.0 * refused / (refused + answered);
    }

    public double PerSecond(double from, double to) => _completions.Count(one => one.At >= from && one.At < to) / (to - from);

    public double AnsweredPerSecond(double from, double to) => _firstUpdates.Count(one => one.At >= from && one.At < to) / (to - from);

    public double TokensPerSecond(double from, double to) => _tokens.Where(one => one.At >= from && one.At < to).Sum(one => one.Tokens) / (to - from);

    public double Utilisation(double from, double to) => _busy[(int)from..Math.Min(_busy.Count, (int)to)].Average();

    public double FirstUpdateP95(double from, double to) => Percentile95([.. _firstUpdates.Where(first => first.At >= from && first.At < to).Select(first => first.Seconds)]);

    public double WaitP95() => Percentile95([.. _waits]);

    public double LowestLimit(double from, double to) => _limits[(int)from..Math.Min(_limits.Count, (int)to)].Min(limits => limits.Sum());

    // Seconds from a moment until the limit has come within 15 % of the capacity and stays there for 20 s.
    public double SettledAfter(double moment, double capacity, double until)
    {
        int since = 0;
        for (int second = (int)moment; second < Math.Min((int)until, _limits.Count); second++)
        {
            since = Math.Abs(_limits[second].Sum() - capacity) <= 0.15 * capacity ? since + 1 : 0;
            if (since == 20) return second - 19 + 1 - moment;
        }

        return double.PositiveInfinity;
    }

    // Jain's index of what each client got.
    public double Fairness(int clients, double from, double to)
    {
        double[] got = [.. Enumerable.Range(0, clients).Select(client => (double)_completions.Count(one => one.Client == client && one.At >= from && one.At < to))];
        return got.Sum() * got.Sum() / (clients * got.Sum(one => one * one));
    }

    private static double Percentile95(double[] values)
    {
        if (values.Length == 0) return 0;
        Array.Sort(values);
        return values[(int)(0.95 * (values.Length - 1))];
    }
}
