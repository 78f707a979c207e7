using System.Collections.Concurrent;

namespace HarborClient.Tests.Fixtures;

// How many recorded exchanges of each provider came out right; reported when the last of them is through.
public sealed class RecordedTrafficCount : IDisposable
{
    private readonly ConcurrentDictionary<string, int> _exchanges = new(StringComparer.Ordinal);

    public void Add(string provider) => _exchanges.AddOrUpdate(provider, 1, static (_, count) => count + 1);

    public void Dispose()
    {
        foreach (var (provider, count) in _exchanges.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            TestReport.Add($"{provider}: {count} recorded exchanges replayed");
    }
}
