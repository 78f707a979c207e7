using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.Services;

// CogView's images, at once; chat in the background.
public sealed class ImageAndChatJobTests
{
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 1, 2, 3];

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Images_come_as_links_or_as_themselves_and_both_can_be_copied()
    {
        string answer = $$"""
            {"created":1,"data":[{"url":"https://files.example.test/a.jpg"},{"b64_json":"{{Convert.ToBase64String(Jpeg)}}"},{"url":"data:image/webp;base64,AAAA"},{"revised_prompt":"x"},5],
             "content_filter":[]}
            """;
        var host = new ProviderEmulator(_time).On("POST", "/api/paas/v4/images/generations", Json(answer)).Otherwise(EmulatedReply.Raw(Jpeg, "image/jpeg"));
        await using var client = ZhipuClient(host, _time);

        ImageResult result = await client.GenerateImageAsync("zhipu/cogview-4", new ImageRequest("a boat") { Size = "1024x1024", Quality = "hd", AdditionalProperties = new JsonObject { ["user_id"] = "u" } });

        host.Body().ShouldBeJson("""{"model":"cogview-4","prompt":"a boat","size":"1024x1024","quality":"hd","user_id":"u"}""");
        result.Images.Should().HaveCount(3);
        result.Images[0].Should().BeOfType<UriContent>().Which.MediaType.Should().Be("image/jpeg");
        result.Images[1].Should().BeOfType<DataContent>().Which.MediaType.Should().Be("image/jpeg");
        result.Images[2].Should().BeOfType<DataContent>().Which.MediaType.Should().Be("image/webp");
        foreach (int index in new[] { 0, 1 })
        {
            using var file = new MemoryStream();
            (await result.DownloadAsync(file, index)).Should().Be(Jpeg.Length);
            file.ToArray().Should().Equal(Jpeg);
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"url":"ftp://a/b"}]}""")]
    [InlineData("""{"data":[{"b64_json":"***"}]}""")]
    [InlineData("""{"data":[{"url":"data:nonsense"}]}""")]
    [InlineData("""{"data":{"url":"https://a.test/"}}""")]
    [InlineData("""[1]""")]
    [InlineData("""{"\ud800":1,"data":[{"\ud800":1}]}""")]
    public async Task An_answer_without_an_image_is_an_error(string answer)
    {
        await using var client = ZhipuClient(new ProviderEmulator(_time).Otherwise(Json(answer)), _time);

        (await client.GenerateImageAsync("zhipu/cogview-4", new ImageRequest("a boat")).ErrorAsync()).Kind.Should().Be(ErrorKind.Provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_error_inside_the_answer_is_one()
    {
        await using var client = ZhipuClient(new ProviderEmulator(_time).Otherwise(Json("""{"error":{"code":"1301","message":"unsafe words"}}""")), _time);

        (await client.GenerateImageAsync("zhipu/cogview-4", new ImageRequest("a boat")).ErrorAsync()).Message.Should().Contain("unsafe words");
    }

    [Fact]
    public async Task A_chat_in_the_background_comes_back_as_a_chat_response()
    {
        const string Answer = """
            {"id":"chat-7","request_id":"r","model":"glm-4.6","task_status":"SUCCESS","created":1700000000,
             "choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"ein Boot \u00fc","reasoning_content":"hm"}}],
             "usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4}}}
            """;
        var host = new ProviderEmulator(_time)
            .On("POST", "/api/paas/v4/async/chat/completions", Json("""{"id":"job-7","request_id":"r","model":"glm-4.6","task_status":"PROCESSING"}"""))
            .On("GET", "/api/paas/v4/async-result/job-7", Json("""{"id":"job-7","task_status":"PROCESSING"}"""), Json(Answer));
        await using var client = ZhipuClient(host, _time);

        HarborJob<ChatResponse> job = await client.StartChatAsync([new ChatMessage(ChatRole.User, "was ist das?")], new ChatOptions { ModelId = "zhipu/glm-4.6", MaxOutputTokens = 50 });
        Task<ChatResponse> call = client.AttachChat(job.Model, job.Id).WaitAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        ChatResponse answer = await call.Guarded();

        (job.Id, job.Model).Should().Be(("job-7", "zhipu/glm-4.6"));
        host.Body().GetProperty("model").GetString().Should().Be("glm-4.6");
        host.Body().GetProperty("max_tokens").GetInt32().Should().Be(50);
        host.Body().TryGetProperty("stream", out _).Should().BeFalse();
        host.Body().GetProperty("messages").GetArrayLength().Should().Be(1);
        answer.Text.Should().Be("ein Boot ü");
        answer.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text.Should().Be("hm");
        (answer.FinishReason, answer.ModelId).Should().Be((ChatFinishReason.Stop, "glm-4.6"));
        (answer.Usage!.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.CachedInputTokenCount).Should().Be((12, 5, 4));
        answer.GetHarborInfo().Provider.Should().Be("zhipu");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("""{"task_status":"SUCCESS"}""", ErrorKind.Provider)]
    [InlineData("""{"task_status":"SUCCESS","choices":[]}""", ErrorKind.Provider)]
    [InlineData("""{"task_status":"FAIL"}""", ErrorKind.Provider)]
    public async Task A_chat_that_has_no_answer_is_an_error_with_the_jobs_id(string answer, ErrorKind kind)
    {
        await using var client = ZhipuClient(new ProviderEmulator(_time).Otherwise(Json(answer)), _time);

        Task<ChatResponse> call = client.AttachChat("zhipu/glm-4.6", "job-7", new JobOptions { Timeout = TimeSpan.FromSeconds(1) }).WaitAsync();
        if (!answer.Contains("FAIL", StringComparison.Ordinal))
        {
            // An unreadable look may be one of a proxy's: it is made again until the time is over.
            await _time.TimerSet(TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
            kind = ErrorKind.Timeout;
        }

        var error = (await call.Guarded().ErrorAsync()).Should().BeOfType<HarborJobException>().Which;
        (error.Kind, error.JobId).Should().Be((kind, "job-7"));
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
