using System.Net;
using System.Text;
using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Emulator;

// The Gemini protocol as the emulator writes it.
public sealed class GeminiWireTests
{
    private const string Hi = """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""";

    [Fact]
    public async Task A_stream_is_chunks_with_CRLF_and_a_finish_reason_at_the_end()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Answer(["Hel", "lo"]).Reasoning("hm").Usage(10, 7, cachedTokens: 4, reasoningTokens: 3));

        string body = await AskAsync(provider, "models/m:streamGenerateContent?alt=sse", Hi);

        string[] events = body.Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries);
        JsonElement[] chunks = [.. events.Select(item => JsonDocument.Parse(item["data: ".Length..]).RootElement)];
        chunks.Should().HaveCount(4);
        PartsOf(chunks[0]).ShouldBeJson("""[{"text":"hm","thought":true}]""");
        PartsOf(chunks[1]).ShouldBeJson("""[{"text":"Hel"}]""");
        chunks[^1].GetProperty("candidates")[0].GetProperty("finishReason").GetString().Should().Be("STOP");
        chunks[^1].GetProperty("usageMetadata").ShouldBeJson("""{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":4,"thoughtsTokenCount":3,"totalTokenCount":17}""");
        chunks.Should().OnlyContain(chunk => chunk.GetProperty("modelVersion").GetString() == "m");
    }

    [Fact]
    public async Task A_whole_answer_has_its_calls_with_arguments_as_objects()
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().Text("x").ToolCall("c1", "sum", "{\"a\":", "1}"));

        JsonElement answer = JsonDocument.Parse(await AskAsync(provider, "models/m:generateContent", Hi)).RootElement;

        PartsOf(answer).ShouldBeJson("""[{"text":"x"},{"functionCall":{"id":"c1","name":"sum","args":{"a":1}}}]""");
    }

    [Fact]
    public async Task A_refusal_ends_for_safety()
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().Refusal("No", " way"));

        JsonElement candidate = JsonDocument.Parse(await AskAsync(provider, "models/m:generateContent", Hi)).RootElement.GetProperty("candidates")[0];

        candidate.GetProperty("finishReason").GetString().Should().Be("SAFETY");
        candidate.GetProperty("finishMessage").GetString().Should().Be("No way");
    }

    [Fact]
    public async Task Embeddings_and_token_counts_are_answered()
    {
        var provider = new ProviderEmulator();

        JsonElement one = JsonDocument.Parse(await AskAsync(provider, "models/e:embedContent", """{"content":{"parts":[{"text":"a"}]},"outputDimensionality":3}""")).RootElement;
        JsonElement many = JsonDocument.Parse(await AskAsync(provider, "models/e:batchEmbedContents", """{"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":3}]}""")).RootElement;
        JsonElement count = JsonDocument.Parse(await AskAsync(provider, "models/m:countTokens", """{"generateContentRequest":{"contents":[{"parts":[{"text":"12345678"}]}]}}""")).RootElement;

        many.GetProperty("embeddings")[0].GetRawText().Should().Be(one.GetProperty("embedding").GetRawText());
        one.GetProperty("embedding").GetProperty("values").GetArrayLength().Should().Be(3);
        count.GetProperty("totalTokens").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task An_error_has_Googles_shape()
    {
        var provider = new ProviderEmulator().Then(429);
        using var http = new HttpClient(provider.CreateHandler());

        using HttpResponseMessage response = await http.PostAsync(new Uri("https://x.test/v1beta/models/m:generateContent"), new StringContent(Hi));
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error");

        response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        error.GetProperty("code").GetInt32().Should().Be(429);
        error.GetProperty("status").GetString().Should().Be("RESOURCE_EXHAUSTED");
    }

    private static JsonElement PartsOf(JsonElement answer) => answer.GetProperty("candidates")[0].GetProperty("content").GetProperty("parts");

    private static async Task<string> AskAsync(ProviderEmulator provider, string path, string body)
    {
        using var http = new HttpClient(provider.CreateHandler());
        using HttpResponseMessage response = await http.PostAsync(new Uri("https://x.test/v1beta/" + path), new StringContent(body, Encoding.UTF8, "application/json"));
        return await response.Content.ReadAsStringAsync();
    }
}
