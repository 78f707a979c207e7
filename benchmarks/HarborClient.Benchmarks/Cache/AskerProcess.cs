using System.Diagnostics;
using System.Globalization;
using HarborClient.Benchmarks.Upstream;
using HarborClient.Tests.Caching;

namespace HarborClient.Benchmarks.Cache;

/// <summary>This program, started again as one <see cref="Asker"/>. It is told which calls of the trace to make, and says what has become of all its calls so far.</summary>
internal sealed class AskerProcess : IDisposable
{
    internal const string Command = "asker";

    private readonly Process _process;

    private AskerProcess(Process process) => _process = process;

    internal static AskerProcess Start(string redis, string prefix, int seed, long memoryBytes) =>
        new(Process.Start(OwnProgram.Start(Command, redis, prefix, seed.ToString(CultureInfo.InvariantCulture), memoryBytes.ToString(CultureInfo.InvariantCulture)))!);

    /// <summary>Has it make every <paramref name="step"/>-th call; what was kept is in Redis then.</summary>
    internal async Task<AskerFigures> AskAsync(int from, int to, int step = 1)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{from} {to} {step}"));
        await _process.StandardInput.FlushAsync();
        return AskerFigures.Parse(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The other process ended early."));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10))) _process.Kill();
        _process.Dispose();
    }

    /// <summary>The other process, until its standard input closes.</summary>
    /// <param name="args">The Redis, the prefix of keys, the seed of the trace, the size of the memory cache.</param>
    internal static async Task RunAsync(string[] args)
    {
        int[] calls = ZipfTrace.Make(int.Parse(args[2], CultureInfo.InvariantCulture));
        await using var asker = new Asker(long.Parse(args[3], CultureInfo.InvariantCulture), h => h.UseRedisCache(args[0], o => o.Prefix = args[1]));
        await asker.ConnectAsync();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            int[] range = [.. line.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
            await asker.AskAsync(calls[range[0]..range[1]].Where((_, at) => at % range[2] == 0));
            Console.WriteLine(asker.Figures.Write());
        }
    }
}
