using System.Globalization;

namespace HarborClient.Limits;

/// <summary>How a limiter stands when it refuses.</summary>
internal readonly record struct LimiterState(int InFlight, double Limit, int Queued, TimeSpan Expected, TimeSpan MaximumWait)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{InFlight:N0} in flight (limit {Math.Floor(Limit):N0}), {Queued:N0} queued");
}
