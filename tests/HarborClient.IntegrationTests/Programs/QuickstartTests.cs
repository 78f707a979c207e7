namespace HarborClient.IntegrationTests.Programs;

// The samples as their users run them.
public sealed class QuickstartTests
{
    /// <summary>Whatever keys this machine has, the tests must not use them.</summary>
    private static readonly Dictionary<string, string?> NoKeys = new()
    {
        ["OPENAI_API_KEY"] = "", ["ANTHROPIC_API_KEY"] = "", ["GEMINI_API_KEY"] = "", ["ZHIPU_API_KEY"] = "", ["ZHIPU_LOCAL_URL"] = "", ["HARBOR_LOCAL_URL"] = "",
    };

    [Fact]
    public async Task Without_keys_it_prints_a_row_for_each_provider_and_mode()
    {
        ProgramRun run = await RunAsync(NoKeys);

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().MatchRegex(@"provider +model +mode +first token +total +tokens +cost +cache");
        foreach (string provider in (string[])["openai +gpt-4o-mini", "claude +claude-haiku-4-5", "gemini +gemini-2.5-flash", "zhipu +glm-4.5-flash", "zhipu-local +chatglm3-6b", "lab +small"])
        {
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
                run.Output.Should().MatchRegex($@"(?m)^{provider} +{mode} +\d+ ms +\d+ ms +\d+ \+ \d+ (unpriced|\$0\.\d+) +-\r?$");
        }
    }

    [Fact]
    public async Task With_a_local_host_it_asks_that_host_the_given_question()
    {
        var host = new ProviderEmulator().ServeModels("my-model");
        await using EmulatorServer server = await host.StartAsync();

        ProgramRun run = await RunAsync(new(NoKeys) { ["HARBOR_LOCAL_URL"] = server.Endpoint.ToString() }, "how", "are you");

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().MatchRegex(@"(?m)^local +my-model +Balanced ");
        host.Attempts.Where(attempt => attempt.Method == "POST").Should().OnlyContain(attempt => attempt.BodyText.Contains("how are you"));
    }

    [Theory]
    [InlineData("localhost:11434", "is not an http or https address")]
    [InlineData("not a url", "is not an http or https address")]
    [InlineData("http://127.0.0.1:1/v1/", "does not list its models at http://127.0.0.1:1/v1/models")]
    public async Task A_wrong_address_gets_one_line_that_names_the_variable(string address, string problem) =>
        ShouldSay(problem, await RunAsync(new(NoKeys) { ["HARBOR_LOCAL_URL"] = address }));

    [Theory]
    [InlineData("""["my-model"]""", "is no list of models")]
    [InlineData("""{"data":{}}""", "is no list of models")]
    [InlineData("""{"data":[]}""", "has no model to ask")]
    [InlineData("""{"data":[7,{"id":null}]}""", "has no model to ask")]
    [InlineData("<html>", "is no JSON")]
    public async Task A_host_whose_list_of_models_is_none_gets_one_line_that_names_the_variable(string list, string problem)
    {
        await using EmulatorServer server = await new ProviderEmulator().Respond(_ => EmulatedReply.Raw(list, "application/json")).StartAsync();

        ShouldSay(problem, await RunAsync(new(NoKeys) { ["HARBOR_LOCAL_URL"] = server.Endpoint.ToString() }));
    }

    [Fact]
    public async Task A_key_that_is_none_gets_one_line()
    {
        ProgramRun run = await RunAsync(new(NoKeys) { ["OPENAI_API_KEY"] = "two\nlines" });

        run.ExitCode.Should().Be(2, run.Output);
        run.Output.TrimEnd().Should().MatchRegex("^What the environment sets cannot be used: The key of 'openai' [^\n]+$").And.NotContain("two");
    }

    [Fact]
    public async Task Recorded_traffic_is_replayed_and_compared()
    {
        using var folder = new TemporaryFolder();
        await WriteAsync(folder, "compat", "hello", "hello");
        await WriteAsync(folder, "somebody-else", "hello", "hello");
        ProgramRun good = await RunAsync(NoKeys, "--replay", folder.Path);
        await WriteAsync(folder, "openai-chat", "hello", "something else");
        ProgramRun bad = await RunAsync(NoKeys, "--replay", folder.Path);

        good.ExitCode.Should().Be(0, good.Output);
        good.Output.Should().Contain("1 as expected, 0 different, 1 skipped");
        bad.ExitCode.Should().Be(1);
        bad.Output.Should().Contain("1 as expected, 1 different, 1 skipped");
    }

    private static Task<ProgramRun> RunAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        ProgramRun.DotnetAsync(Repository.Root, environment, [Repository.Sample("Quickstart"), .. arguments]);

    private static void ShouldSay(string problem, ProgramRun run)
    {
        run.ExitCode.Should().Be(2, run.Output);
        run.Output.TrimEnd().Should().MatchRegex("^HARBOR_LOCAL_URL [^\n]+ it should look like http://localhost:11434/v1/[^\n]+$").And.Contain(problem);
    }

    private static async Task WriteAsync(TemporaryFolder folder, string provider, string text, string expectedText)
    {
        string recorded = Directory.CreateDirectory(Path.Combine(folder.Path, provider, "written-by-hand")).FullName;
        await File.WriteAllTextAsync(Path.Combine(recorded, "meta.json"), $$"""{"provider":"{{provider}}","protocol":"chat","status":200,"stream":false,"headers":{"content-type":"application/json"} }""");
        await File.WriteAllTextAsync(
            Path.Combine(recorded, "response.json"),
            $$"""{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{text}}"},"finish_reason":"stop"}]}""");
        await File.WriteAllTextAsync(Path.Combine(recorded, "expected.json"), $$"""{"kind":"chat","text":"{{expectedText}}","finish_reason":"stop"}""");
    }
}
