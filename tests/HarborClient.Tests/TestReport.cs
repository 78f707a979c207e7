namespace HarborClient.Tests;

// What a run has covered, one line a count, in the file that HARBOR_TEST_REPORT names; without the variable nowhere.
internal static class TestReport
{
    private static readonly Lock Gate = new();
    private static readonly string? File = Environment.GetEnvironmentVariable("HARBOR_TEST_REPORT");

    public static void Add(string line)
    {
        if (string.IsNullOrEmpty(File)) return;
        lock (Gate) System.IO.File.AppendAllText(File, line + "\n");
    }
}
