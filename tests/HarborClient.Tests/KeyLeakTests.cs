namespace HarborClient.Tests;

// Nothing that the library says anywhere in the run holds a key that a test has given it.
[Collection(LastCollection.Name)]
public sealed class KeyLeakTests
{
    [Fact]
    public void No_error_log_span_measurement_or_file_of_this_run_holds_a_key()
    {
        KeyWatch.Told.Should().BeEmpty();
        TestReport.Add($"keys: in none of {KeyWatch.Read:N0} errors, log lines, tags and files of {typeof(KeyLeakTests).Assembly.GetName().Name}");
    }
}
