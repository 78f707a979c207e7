using System.Diagnostics;
using HarborClient.IntegrationTests.Sockets;
using HarborClient.IntegrationTests.Stores;

namespace HarborClient.IntegrationTests;

/// <summary>What this assembly does where a test starts it as a program.</summary>
internal static class TestPrograms
{
    internal static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    internal static string Assembly => typeof(TestPrograms).Assembly.Location;

    /// <summary>Starts it in a process of its own, with its input and output in the test's hands.</summary>
    internal static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Host, [Assembly, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private static Task Main(string[] arguments) => arguments switch
    {
        [SqliteWriter.Name, string path] => SqliteWriter.RunAsync(path),
        [SqliteLedgerProcess.Name, string path] => SqliteLedgerProcess.RunAsync(path),
        [RedisBudgetProcess.Name, string redis, string prefix, string host] => RedisBudgetProcess.RunAsync(redis, prefix, host),
        [SqliteOnOwnMount.FullLedger, string folder] => SqliteOnOwnMount.FillLedgerAsync(folder),
        [SqliteOnOwnMount.Full, string folder] => SqliteOnOwnMount.FillAsync(folder),
        [SqliteOnOwnMount.ReadOnly, string folder] => SqliteOnOwnMount.ReadAsync(folder),
        [string endpoint] => StreamLeaver.RunAsync(endpoint),
        _ => throw new ArgumentException("No test starts it like this."),
    };
}
