using HarborClient.Tests.Architecture;

namespace HarborClient.Tests.Capabilities;

// docs/capabilities.md is what the providers do, not what somebody remembers. After a change that is meant:
//     HARBOR_APPROVE=1 dotnet test tests/HarborClient.Tests --filter CapabilityTableTests
public sealed class CapabilityTableTests
{
    private const string File = "docs/capabilities.md";

    private const string Head = """
        # What each provider does with a request

        Generated from the code by `CapabilityTableTests`, which asks every provider for every feature and looks at what it sends, refuses and logs.

        - **yes**: it is sent, in the provider's own terms.
        - **refused**: the call fails as `InvalidRequest` before anything is sent; the message says what to change.
        - **left out**: the request is sent without it and a log message says so (a tool as a warning, the rest at debug level), as Microsoft.Extensions.AI
          expects of settings that not every provider has.

        """;

    private static readonly (string Title, string Model, Action<HarborBuilder, HttpMessageHandler> Add)[] Columns =
    [
        ("OpenAI chat", "openai/gpt-4o-mini", (h, handler) => h.AddOpenAI("key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        ("OpenAI Responses", "openai/gpt-5-mini", (h, handler) => h.AddOpenAI("key-7Qm2xWv9", o =>
        {
            o.SendOnceThrough(handler);
            o.Api = OpenAIApi.Responses;
        })),
        ("Azure", "azure/my-deployment", (h, handler) => h.AddAzureOpenAI(new Uri("https://resource.invalid/"), "key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        ("Claude", "claude/claude-opus-4-7", (h, handler) => h.AddClaude("key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        ("Claude, budgets", "claude/claude-haiku-4-5", (h, handler) => h.AddClaude("key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        ("Gemini", "gemini/gemini-2.5-flash", (h, handler) => h.AddGemini("key-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        ("Zhipu", "zhipu/glm-4.6", (h, handler) => h.AddZhipu("id.secret-7Qm2xWv9", o => o.SendOnceThrough(handler))),
        ("Zhipu local", "zhipu-local/chatglm3-6b", (h, handler) => h.AddZhipuLocal(new Uri("http://gpu0.test:8000/v1/"), o => o.SendOnceThrough(handler))),
        ("Local", "lab/model", (h, handler) => h.AddLocal("lab", new Uri("http://lab.test/v1/"), o => o.SendOnceThrough(handler))),
    ];

    [Fact]
    public async Task The_table_in_the_documentation_is_what_the_providers_do()
    {
        string table = await TableAsync();
        string path = Path.Combine(Repository.Root, File);
        if (Environment.GetEnvironmentVariable("HARBOR_APPROVE") == "1") System.IO.File.WriteAllText(path, table);

        System.IO.File.ReadAllText(path).ReplaceLineEndings("\n").Should().Be(table, "{0} is generated: run this test with HARBOR_APPROVE=1", File);
        table.Should().NotContain(CapabilityProbe.Dropped, "what is not sent is refused, or said in the log");
    }

    private static async Task<string> TableAsync()
    {
        List<string> lines = [.. Head.ReplaceLineEndings("\n").Split('\n')];
        string? group = null;
        foreach (CapabilityFeature feature in CapabilityFeature.All)
        {
            if (feature.Group != group)
            {
                group = feature.Group;
                lines.AddRange([Row(group, Columns.Select(column => column.Title)), Row("---", Columns.Select(_ => "---"))]);
                if (lines.Count > 20) lines.Insert(lines.Count - 2, "");
            }

            List<string> cells = [];
            foreach ((_, string model, Action<HarborBuilder, HttpMessageHandler> add) in Columns) cells.Add(await CapabilityProbe.LookAsync(add, model, feature));
            lines.Add(Row(feature.Name, cells));
        }

        return string.Join('\n', lines) + "\n";
    }

    private static string Row(string first, IEnumerable<string> cells) => $"| {first} | {string.Join(" | ", cells)} |";
}
