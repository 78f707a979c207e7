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
    [InlineData("tests/HarborClient.IntegrationTests/Readme/ToolsSnippet.cs")]
    [InlineData("tests/HarborClient.IntegrationTests/Readme/KeptAnswersSnippet.cs")]
    [InlineData("tests/HarborClient.IntegrationTests/Readme/MoneySnippet.cs")]
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
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>()) Readme.Should().MatchRegex($@"\| `{kind}` \| [^|]+ \| (yes|no)[^|]* \| [^|]+ \|");
    }

    [Fact]
    public async Task Its_error_table_says_when_the_next_target_is_asked()
    {
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>())
        {
            var provider = new ProviderEmulator();
            await using var harbor = FastClient.Create(h => h
                .AddLocal("lab", new Uri("http://localhost/v1/"), o => o.UseHandler(provider.CreateHandler()))
                .AddStage(StageScope.Attempt, next => new FirstTargetFailsStage(next, new HarborException(kind, "The first target fails.")))
                .MapModel("chat", "lab/a", "lab/b").UseDefaultModel("chat"));

            HarborException? error = null;
            try
            {
                await harbor.GetResponseAsync("hi");
            }
            catch (HarborException e)
            {
                error = e;
            }

            error?.Kind.Should().Be(kind);
            provider.Attempts.Should().HaveCount(error is null ? 1 : 0);
            Readme.Should().MatchRegex($@"\| `{kind}` \| [^|]+ \| {(error is null ? "yes" : "no")}\b");
        }
    }

    [Fact]
    public async Task What_it_says_is_no_HarborException_is_none()
    {
        var own = new FormatException("mine");
        foreach (Func<PipelineStage, PipelineStage> stage in new Func<PipelineStage, PipelineStage>[] { next => new FirstTargetFailsStage(next, own), next => new StoppingStage(next, own) })
        {
            var provider = new ProviderEmulator();
            var harbor = FastClient.Create(h => h
                .AddLocal("lab", new Uri("http://localhost/v1/"), o => o.UseHandler(provider.CreateHandler()))
                .AddStage(StageScope.Attempt, stage)
                .MapModel("chat", "lab/a", "lab/b").UseDefaultModel("chat"));

            (await harbor.Invoking(client => client.GetResponseAsync("hi")).Should().ThrowAsync<FormatException>()).Which.Should().BeSameAs(own);
            (await harbor.Invoking(client => client.StreamTextAsync("hi").GetAsyncEnumerator().MoveNextAsync().AsTask()).Should().ThrowAsync<FormatException>()).Which.Should().BeSameAs(own);
            await harbor.Invoking(client => client.GetResponseAsync([null!])).Should().ThrowAsync<ArgumentException>();
            harbor.Dispose();
            await harbor.Invoking(client => client.GetResponseAsync("hi")).Should().ThrowAsync<ObjectDisposedException>();

            provider.Attempts.Should().NotContain(attempt => attempt.BodyText.Contains("\"model\":\"b\""), "no other target is asked");
        }
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
    public void The_links_of_every_readme_lead_somewhere()
    {
        string[] readmes = [.. Repository.Readmes()];
        int links = 0;

        foreach (string readme in readmes)
        {
            string text = File.ReadAllText(readme);
            foreach (Match link in LocalLink().Matches(text))
            {
                links++;
                string path = Path.Combine(Path.GetDirectoryName(readme)!, link.Groups[1].Value.TrimEnd('/'));
                (File.Exists(path) || Directory.Exists(path)).Should().BeTrue($"{readme} links to {link.Value}");
                string anchor = link.Groups[2].Value;
                if (anchor.Length > 0) AnchorsOf(path == readme || link.Groups[1].Length == 0 ? text : File.ReadAllText(path)).Should().Contain(anchor, $"{readme} links to it");
            }
        }

        readmes.Should().Contain([Repository.PathOf("README.md"), Repository.PathOf("src", "HarborClient", "Pipeline", "README.md")]);
        links.Should().BeGreaterThan(5);
    }

    [Fact]
    public void The_code_of_the_emulators_readme_is_a_test()
    {
        string readme = File.ReadAllText(Repository.PathOf("src", "HarborClient.Testing", "README.md"));
        string test = WithoutIndentation(File.ReadAllText(Repository.PathOf("tests", "HarborClient.Tests", "Emulator", "ReadmeTests.cs")));

        string[] snippets = [.. CSharpBlock().Matches(readme.ReplaceLineEndings("\n")).Select(match => WithoutIndentation(match.Groups[1].Value))];

        snippets.Should().NotBeEmpty();
        foreach (string snippet in snippets) test.Should().Contain(snippet);
    }

    [Fact]
    public void The_way_that_it_shows_through_the_code_is_under_a_thousand_lines()
    {
        string way = Way().Match(Readme).Value;
        string[] types = [.. BacktickedName().Matches(way).Select(match => match.Groups[1].Value)];
        string[] sources = Directory.GetFiles(Repository.PathOf("src", "HarborClient"), "*.cs", SearchOption.AllDirectories);

        string[] files = [.. types.Select(type => sources.Single(source => Path.GetFileNameWithoutExtension(source) == type)), Repository.PathOf("src", "HarborClient", "Pipeline", "README.md")];

        types.Should().StartWith("FastClient").And.EndWith("HttpTransport").And.HaveCountGreaterThan(6);
        way.Should().Contain("Pipeline/README.md").And.Contain("under 1,000 lines");
        files.Sum(file => File.ReadLines(file).Count()).Should().BeLessThan(1_000);
    }

    /// <summary>What stands between the markers, without its indentation.</summary>
    private static string SnippetOf(string source)
    {
        Match match = Snippet().Match(source);
        string indentation = match.Groups[1].Value;
        return string.Concat(match.Groups[2].Value.Split('\n').SkipLast(1).Select(line => (line.StartsWith(indentation, StringComparison.Ordinal) ? line[indentation.Length..] : line) + "\n"));
    }

    private static string WithoutIndentation(string source) => string.Concat(source.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim() + "\n")).Trim();

    /// <summary>The anchors that GitHub makes of a page's headings.</summary>
    private static IEnumerable<string> AnchorsOf(string markdown) =>
        Heading().Matches(markdown.ReplaceLineEndings("\n")).Select(match => NotInAnchors().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^( *)// <readme>\n(.*?)^ *// </readme>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex(@"^\| `((?:gen_ai|harbor)\.client\.[a-z_.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex MetricName();

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"\]\((?!https?://)([^)#]*)#?([^)]*)\)")]
    private static partial Regex LocalLink();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"To read the code from the top:.*?\n(?=\n|\z)", RegexOptions.Singleline)]
    private static partial Regex Way();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex BacktickedName();

    private sealed class FirstTargetFailsStage(PipelineStage next, Exception error) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) =>
            call.AttemptNumber == 1 ? throw error : Next.OpenAsync(call);
    }

    private sealed class StoppingStage(PipelineStage next, Exception error) : PipelineStage(next), IUpdateObserver
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call)
        {
            call.Observe(this);
            return Next.OpenAsync(call);
        }

        public Exception? OnUpdate(Call call, in HarborUpdate update) => error;

        public void OnRestart()
        {
        }
    }
}
