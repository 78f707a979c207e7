namespace HarborClient.Telemetry;

/// <summary>A client's budgets, as its gauges read them. Owner: the client.</summary>
internal sealed class BudgetSource(Func<IEnumerable<BudgetReading>> read) : IDisposable
{
    internal IEnumerable<BudgetReading> Read() => read();

    public void Dispose() => BudgetMeter.Remove(this);
}
