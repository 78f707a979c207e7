using System.Reflection.Metadata;
using System.Text;
using HarborClient.IntegrationTests.Programs;

namespace HarborClient.IntegrationTests.Packaging;

// What a user gets who references the packages: not the projects, the packed files.
public sealed class PackagingTests(PackageFolder packages) : IClassFixture<PackageFolder>
{
    public static TheoryData<string> EveryPackage => [.. PackageFolder.Ids];

    [Theory]
    [MemberData(nameof(EveryPackage))]
    public void Every_package_has_licence_readme_symbols_and_documentation(string id)
    {
        Package package = packages.Open(id);

        package.Metadata("license").Should().Be("MIT");
        package.Metadata("readme").Should().Be("README.md");
        package.MetadataAttribute("repository", "type").Should().Be("git");
        package.Files.Should().Contain(["README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"]);
        package.Symbols.Should().Contain($"lib/net10.0/{id}.pdb");
    }

    [Fact]
    public void Packing_the_repository_makes_these_packages_and_no_others()
    {
        string[] packed = [.. Directory.GetFiles(packages.Path).Select(file => Path.GetFileName(file))];

        packed.Should().BeEquivalentTo(PackageFolder.Ids.SelectMany(id => new[] { $"{id}.{packages.Version}.nupkg", $"{id}.{packages.Version}.snupkg" }));
    }

    [Theory]
    [MemberData(nameof(EveryPackage))]
    public void A_package_names_no_provider_that_is_not_there_and_its_readme_has_no_link_that_is_dead_elsewhere(string id)
    {
        Package package = packages.Open(id);

        package.Metadata("tags").Should().NotBeEmpty().And.NotContainAny("claude", "gemini", "zhipu");
        package.Readme.Should().StartWith($"# {id}\n").And.NotMatchRegex(@"\]\((?!https://)");
    }

    [Theory]
    [MemberData(nameof(EveryPackage))]
    public void No_package_carries_a_path_of_the_machine_that_packed_it(string id)
    {
        string[] paths = [Repository.Root, Path.GetTempPath()];
        byte[][] searched = [.. paths.SelectMany(path => new[] { Encoding.UTF8.GetBytes(path), Encoding.Unicode.GetBytes(path) })];

        IEnumerable<string> telling = packages.Open(id).Everything.Where(file => Array.Exists(searched, path => file.Value.AsSpan().IndexOf(path) >= 0)).Select(file => file.Key);

        telling.Should().BeEmpty();
        SourceFilesIn(packages.Open(id).Pdb(id)).Should().OnlyContain(file => file.StartsWith("/_", StringComparison.Ordinal));
    }

    [Fact]
    public void The_Redis_package_asks_for_a_current_client_and_is_a_preview()
    {
        Package package = packages.Open("HarborClient.Redis");

        package.Dependencies.Should().BeEquivalentTo($"HarborClient {packages.Version}", "StackExchange.Redis 3.4.35");
        package.Metadata("version").Should().Contain("-preview");
    }

    [Fact]
    public void The_SQLite_package_asks_for_a_current_client_and_is_a_preview()
    {
        Package package = packages.Open("HarborClient.Sqlite");

        package.Dependencies.Should().BeEquivalentTo($"HarborClient {packages.Version}", "Microsoft.Data.Sqlite 10.0.14");
        package.Metadata("version").Should().Contain("-preview");
    }

    [Fact]
    public async Task A_program_that_references_the_packages_runs()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("nuget.config"), $"""<configuration><packageSources><add key="packed" value="{packages.Path}" /></packageSources></configuration>""");
        await File.WriteAllTextAsync(folder.File("Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
                <RestorePackagesPath>{folder.File("restored")}</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="HarborClient" Version="{packages.Version}" />
                <PackageReference Include="HarborClient.Testing" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(folder.File("Program.cs"), """
            using HarborClient;
            using HarborClient.Testing;
            using Microsoft.Extensions.AI;

            var provider = new ProviderEmulator().ThenAnswer("hello from a package").ThenAnswer("a stream");
            await using var server = await provider.StartAsync();
            await using var harbor = FastClient.Create(h => h.AddLocal("lab", server.Endpoint).UseDefaultModel("lab/small"));
            ChatResponse answer = await harbor.GetResponseAsync("hi");
            Console.WriteLine($"{answer.GetHarborInfo().Provider}: {answer.Text}");
            await foreach (string piece in harbor.StreamTextAsync("hi")) Console.Write($"[{piece}]");
            Console.WriteLine(harbor.Outstanding() == Outstanding.None);
            """);

        await File.WriteAllTextAsync(folder.File("Readme.cs"), CodeOf(packages.Open("HarborClient").Readme));

        ProgramRun run = await ProgramRun.DotnetAsync(folder.Path, null, "run", "--project", folder.File("Consumer.csproj"), "-nodeReuse:false", "-p:UseSharedCompilation=false");

        run.Output.Should().Contain("lab: hello from a package").And.Contain("[a][ stream]True");
        run.ExitCode.Should().Be(0);
        Directory.Exists(Path.Combine(folder.File("restored"), "harborclient", packages.Version)).Should().BeTrue("it must come from the packed file, not from a cache");
    }

    /// <summary>The example of a readme as a method that compiles and is not called.</summary>
    private static string CodeOf(string readme)
    {
        string[] lines = readme.Split("```csharp\n")[1].Split("```")[0].Split('\n');
        ILookup<bool, string> byUsing = lines.ToLookup(line => line.StartsWith("using ", StringComparison.Ordinal));
        return $"{string.Join('\n', byUsing[true])}\nstatic class Readme {{ static async Task RunAsync(string openAIKey) {{\n{string.Join('\n', byUsing[false])}\n}} }}";
    }

    private static List<string> SourceFilesIn(byte[] pdb)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(pdb));
        MetadataReader reader = provider.GetMetadataReader();
        return [.. reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name))];
    }
}
