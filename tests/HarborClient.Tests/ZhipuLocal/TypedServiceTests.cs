using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// CodeGeeX4's /generate and CogAgent's /analyze with the types that come along.
public sealed class TypedServiceTests
{
    [Fact]
    public async Task Code_is_generated()
    {
        var host = new ProviderEmulator().On("POST", "/v1/codegeex4/generate", Json("""{"code":"int[] Sort() => []","model":"codegeex4"}"""));
        await using var client = LocalClient(host);

        CodeGenerationResult result = await client.GenerateCodeAsync(new CodeGenerationRequest("sort", "csharp"));

        result.Code.Should().Be("int[] Sort() => []");
        host.Body().ShouldBeJson("""{"prompt":"sort","language":"csharp","max_tokens":1024,"temperature":0.2}""");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"code":null}""")]
    public async Task An_answer_without_code_is_an_error(string answer)
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(answer)));

        (await client.GenerateCodeAsync(new CodeGenerationRequest("sort", "csharp")).ErrorAsync()).Kind.Should().Be(ErrorKind.Provider);
    }

    [Theory]
    [InlineData(ImageAnalysisTask.Describe, "describe")]
    [InlineData(ImageAnalysisTask.Detect, "detect")]
    [InlineData(ImageAnalysisTask.Ocr, "ocr")]
    [InlineData(ImageAnalysisTask.SafetyCheck, "safety_check")]
    public async Task An_image_is_analysed(ImageAnalysisTask task, string word)
    {
        const string Answer = """
            {"description":"a cat","objects":[{"name":"cat","confidence":0.97,"box":[1,2,3,4]}],"text":"CAT","safety":{"safe":false,"issues":["claws"]}}
            """;
        var host = new ProviderEmulator().On("POST", "/analyze", Json(Answer));
        await using var client = LocalClient(host, o => o.Services["cogagent"] = new ZhipuLocalServiceOptions { Endpoint = new Uri("http://gpu3.test:7870/") });

        ImageAnalysis result = await client.AnalyzeImageAsync(new ImageAnalysisRequest("https://a.test/cat.jpg", task));

        host.Body().ShouldBeJson($$"""{"image_url":"https://a.test/cat.jpg","task":"{{word}}"}""");
        (result.Description, result.Text).Should().Be(("a cat", "CAT"));
        result.Objects.Should().Equal(new DetectedObject("cat", 0.97));
        result.Safety!.Safe.Should().BeFalse();
        result.Safety.Issues.Should().Equal("claws");
    }

    [Fact]
    public async Task What_a_task_does_not_ask_for_may_be_absent_or_null()
    {
        await using var client = LocalClient(new ProviderEmulator().ThenReply(Json("{}")).ThenReply(Json("""{"description":null,"objects":null,"text":null,"safety":{"safe":true,"issues":null}}""")));

        foreach (int _ in new[] { 1, 2 })
        {
            ImageAnalysis result = await client.AnalyzeImageAsync(new ImageAnalysisRequest("https://a.test/cat.jpg", ImageAnalysisTask.Describe));
            result.Objects.Should().BeEmpty();
            (result.Safety?.Issues ?? []).Should().BeEmpty();
        }
    }
}
