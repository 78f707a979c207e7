using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.IntegrationTests.Readme;

// What the README says is what the code does.
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Repository.PathOf("README.md")).ReplaceLineEndings("\n");

    [Theory]
    [InlineData("samples/Quickstart/FirstSteps.cs")]
    [InlineData("samples/WebApi/Program.cs")]
    [InlineData("tests/HarborClient.IntegrationTests/Readme/OwnCodeTests.cs")]
    public void Its_code_is_compiled_code(string file)
    {
        string snippet = SnippetOf(File.ReadAllText(Repository.PathOf(file)).ReplaceLineEndings("\n"));

        snippet.Should().NotBeEmpty();
        Readme.Should().Contain($"```csharp\n{snippet}```");
    }

    [Fact]
    public async Task Its_modes_are_what_Describe_prints()
    {
        await using var harbor = FastClient.Create(h => h.AddLocal("lab", new Uri("http://localhost/v1/")));

        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            Readme.Should().MatchRegex($@"\| `?{mode}`?[^|]*\| {Regex.Escape(string.Join(" → ", harbor.Describe(mode).Stages))} \|");
    }

    [Fact]
    public void Its_error_table_has_every_kind()
    {
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>()) Readme.Should().MatchRegex($@"\| `{kind}` \| [^|]+ \| [^|]+ \|");
    }

    [Fact]
    public async Task Its_configuration_builds_a_client()
    {
        string json = JsonBlock().Match(Readme).Groups[1].Value;
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        await using ServiceProvider services = new ServiceCollection().AddHarborAI(configuration.GetSection("Harbor")).BuildServiceProvider();

        FastClient harbor = services.GetRequiredService<FastClient>();

        harbor.GetRequiredService<ChatClientMetadata>().DefaultModelId.Should().Be(configuration["Harbor:DefaultModel"]);
    }

    [Fact]
    public async Task Its_metrics_are_the_published_ones()
    {
        List<string> published = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "HarborClient") published.Add(instrument.Name);
            },
        };
        listener.Start();
        await using var harbor = FastClient.Create(h => h.AddLocal("lab", new Uri("http://localhost/v1/"), o => o.UseHandler(new ProviderEmulator().CreateHandler())));
        await harbor.GetResponseAsync("hi", new ChatOptions { ModelId = "lab/small" });

        string[] named = [.. MetricName().Matches(Readme).Select(match => match.Groups[1].Value)];

        published.Should().BeEquivalentTo(named);
    }

    [Fact]
    public void Its_links_lead_somewhere()
    {
        foreach (Match link in RelativeLink().Matches(Readme))
        {
            string path = Repository.PathOf(link.Groups[1].Value.TrimEnd('/'));
            (File.Exists(path) || Directory.Exists(path)).Should().BeTrue(link.Value);
        }
    }

    /// <summary>What stands between the markers, without its indentation.</summary>
    private static string SnippetOf(string source)
    {
        Match match = Snippet().Match(source);
        string indentation = match.Groups[1].Value;
        return string.Concat(match.Groups[2].Value.Split('\n').SkipLast(1).Select(line => (line.StartsWith(indentation, StringComparison.Ordinal) ? line[indentation.Length..] : line) + "\n"));
    }

    [GeneratedRegex(@"^( *)// <readme>\n(.*?)^ *// </readme>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex(@"^\| `((?:gen_ai|harbor)\.client\.[a-z_.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\]\((?!https?://|#)([^)#]+)[^)]*\)")]
    private static partial Regex RelativeLink();
}
