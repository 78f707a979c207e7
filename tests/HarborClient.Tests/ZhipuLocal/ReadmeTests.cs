using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using HarborClient.Testing;
using HarborClient.Tests.Architecture;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// The code of Providers/ZhipuLocal/README.md, to the letter. What builds a client of its own is only compiled; the rest runs.
public sealed partial class ReadmeTests
{
    [Fact]
    public void Every_piece_of_its_code_is_here()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "src/HarborClient/Providers/ZhipuLocal/README.md")).ReplaceLineEndings("\n");
        string here = WithoutIndentation(File.ReadAllText(Path.Combine(Repository.Root, "tests/HarborClient.Tests/ZhipuLocal/ReadmeTests.cs")));

        string[] pieces = [.. CSharpBlock().Matches(page).Select(match => WithoutIndentation(match.Groups[1].Value))];

        pieces.Should().HaveCount(8);
        foreach (string piece in pieces) here.Should().Contain(piece);
    }

    [Fact]
    public void Its_table_has_every_profile()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "src/HarborClient/Providers/ZhipuLocal/README.md"));

        foreach (ZhipuLocalProfile profile in Enum.GetValues<ZhipuLocalProfile>()) page.Should().Contain($"| `{profile}` |");
    }

    [Fact]
    public async Task Its_services_answer()
    {
        var host = new ProviderEmulator()
            .On("POST", "/v1/codegeex4/generate", Json("""{"code":"Array.Sort(a);"}"""))
            .On("POST", "/v1/cogagent/analyze", Json("""{"objects":[{"name":"cat","confidence":0.9}]}"""))
            .On("POST", "/v1/captions/run", Json("""{"text":"a cat"}"""))
            .On("POST", "/generate", Json("""{"job_id":"1","status":"waiting"}"""))
            .On("GET", "/jobs/1", Json("""{"status":"done","video_url":"/out/1.mp4"}"""))
            .On("GET", "/out/1.mp4", EmulatedReply.Raw([1, 2, 3], "video/mp4"));
        await using var client = LocalClient(host, Describe);
        string path = Path.GetTempFileName();
        try
        {
            await FillAsync(client);
            await InvokeAsync(client);
            await FilmAsync(client, path);

            (await File.ReadAllBytesAsync(path)).Should().Equal(1, 2, 3);
        }
        finally
        {
            File.Delete(path);
        }

        host.Attempts.Should().HaveCount(7);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Its_clients_can_be_built()
    {
        await using var harbor = FastClient.Create(h => h
            .AddZhipuLocal(new Uri("http://gpu0:8000/v1/"), o =>
            {
                o.Services["codegeex4"] = new ZhipuLocalServiceOptions { Endpoint = new Uri("http://gpu2:8080/v1/"), Models = { "codegeex4-all-9b" } };
                o.Services["cogagent"] = new ZhipuLocalServiceOptions { Endpoint = new Uri("http://gpu3:7870/v1/"), Models = { "cogagent-9b" } };
            })
            .MapModel("code", "zhipu-local/codegeex4-all-9b", "zhipu-local/chatglm3-6b"));

        harbor.Outstanding().Should().Be(Outstanding.None);
        ((Func<Task>)AskAsync).Should().NotBeNull("it needs a GPU");
    }

    private static async Task AskAsync()
    {
        await using var harbor = FastClient.Create(h => h.AddZhipuLocal(new Uri("http://gpu0:8000/v1/")).UseDefaultModel("zhipu-local/chatglm3-6b"));
        ChatResponse answer = await harbor.GetResponseAsync("Why is the sky blue?");
        Console.WriteLine(answer.Text);
    }

    private static async Task FillAsync(FastClient harbor)
    {
        var gap = new CodeInfilling(Prefix: "int Sum(int[] a) => ", Suffix: ";\n") { Path = "src/Sum.cs", Language = "C#" };
        ChatResponse code = await harbor.GetResponseAsync(gap.ToPrompt(), new ChatOptions { ModelId = "zhipu-local/codegeex4-all-9b", MaxOutputTokens = 200 });

        code.Text.Should().NotBeEmpty();
    }

    private static async Task InvokeAsync(FastClient harbor)
    {
        CodeGenerationResult generated = await harbor.GenerateCodeAsync(new CodeGenerationRequest("sort an array", "csharp"));          // POST …/generate
        ImageAnalysis seen = await harbor.AnalyzeImageAsync(new ImageAnalysisRequest("https://example.com/cat.jpg", ImageAnalysisTask.Detect));  // POST …/analyze
        foreach (DetectedObject thing in seen.Objects) Console.WriteLine($"{thing.Name} {thing.Confidence:P0}");

        Caption caption = await harbor.InvokeAsync("zhipu-local/captions/run", new Picture("cat.jpg"), CaptionJson.Default.Picture, CaptionJson.Default.Caption);

        (generated.Code, caption.Text).Should().Be(("Array.Sort(a);", "a cat"));
    }

    private static async Task FilmAsync(FastClient harbor, string path)
    {
        var progress = new Progress<JobProgress>(p => Console.WriteLine($"{p.JobId}: {p.ProviderStatus} after {p.Elapsed}"));
        VideoResult video = await harbor.GenerateVideoAsync("zhipu-local/cogvideo", new VideoRequest { Prompt = "a boat in the rain" }, progress: progress);
        await using FileStream file = File.Create(path);
        await video.DownloadAsync(file);
    }

    private static void Describe(ZhipuLocalOptions o)
    {
        o.Services["writer"] = new ZhipuLocalServiceOptions
        {
            Endpoint = new Uri("http://gpu5:9000/"),
            Path = "generate",
            Request = """{ "prompt": "{{prompt}}", "max_tokens": "{{max_tokens}}", "style": "{{style}}" }""",
            Text = "/result/0/text",
            Error = "/error",
        };

        o.Services["cogvideo"] = new ZhipuLocalServiceOptions
        {
            Endpoint = new Uri("http://gpu4:9000/"),
            Path = "generate",
            Request = """{ "prompt": "{{prompt}}", "seconds": "{{duration}}" }""",
            Job = new ZhipuLocalJobOptions { Id = "/job_id", Path = "jobs/{{id}}", Status = "/status", Succeeded = { "done" }, Failed = { "error" }, Video = "/video_url" },
        };
    }

    private static string WithoutIndentation(string source) => string.Concat(source.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim() + "\n")).Trim();

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    private sealed record Picture(string File);

    private sealed record Caption([property: JsonPropertyName("text")] string Text);

    [JsonSerializable(typeof(Picture))]
    [JsonSerializable(typeof(Caption))]
    private sealed partial class CaptionJson : JsonSerializerContext;
}
