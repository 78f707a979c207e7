namespace HarborClient.Tests.Architecture;

public sealed class FileSizeTests
{
    private const int MostLines = 400;

    [Fact]
    public void No_source_file_is_over_400_lines()
    {
        string[] files = [.. Repository.SourceFiles("src", "tests", "samples", "benchmarks")];

        files.Should().HaveCountGreaterThan(100);
        files.Select(file => (file, lines: File.ReadLines(Path.Combine(Repository.Root, file)).Count())).Where(entry => entry.lines > MostLines)
            .Should().BeEmpty("a longer file is split where its reader would pause");
    }
}
