using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace HarborClient.Benchmarks.Micro;

/// <summary>BenchmarkDotNet over what the public face reaches in memory; the row to compare with is marked as the baseline.</summary>
internal static class MicroCommand
{
    /// <param name="args">BenchmarkDotNet's own arguments, such as <c>--filter *Reading*</c>.</param>
    internal static void Run(string[] args)
    {
        // In this process: a project generated beside the repository would not have its build settings.
        IConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .HideColumns(Column.Error, Column.RatioSD);
        string[] own = args.Length > 0 ? args : ["--filter", "*"];
        BenchmarkSwitcher.FromTypes([typeof(Pipeline), typeof(RequestWriting), typeof(AnswerReading), typeof(StreamReading), typeof(SqliteLevel), typeof(KeptAnswer), typeof(Settlement)]).Run(own, config);
        Console.WriteLine("Not yet, because the part does not exist yet: pool selection.");
    }
}
