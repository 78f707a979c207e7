namespace HarborClient.Benchmarks.Clients;

/// <summary>Numbers that no other call of this process has. Apart from <see cref="Requests"/>, whose picture of 4 MB is made when anything of it is first looked at.</summary>
internal static class Seeds
{
    private static int _last;

    internal static int Next() => Interlocked.Increment(ref _last);
}
