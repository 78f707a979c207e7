using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Benchmarks.Judging;

/// <summary>A promise and where its figure is found in what a pass measured; null where it was not measured.</summary>
internal sealed record Line(Promise Promise, Func<Measurements, Samples?> Measure);
