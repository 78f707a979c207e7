using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.OpenAI;

// What chat completions can have beside text and calls, streamed and whole.
public sealed class ChatExtrasTests
{
    private const string Citation = """[{"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"title":"A","url":"https://example.test/a"}}]""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Log_probabilities_and_service_tier_are_properties_of_the_response(bool isStreaming)
    {
        await using FastClient client = isStreaming
            ? Streaming(
                """{"id":"c","model":"m","service_tier":"flex","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"token":"Hi","logprob":-0.5}],"refusal":null}}]}""",
                """{"id":"c","model":"m","service_tier":"flex","choices":[{"index":0,"delta":{"content":"!"},"logprobs":{"content":[{"token":"!","logprob":0}]}},{"index":1,"delta":{"content":"?"},"logprobs":{"content":[{"token":"?"}]}}]}""",
                """{"id":"c","model":"m","service_tier":"flex","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}""")
            : Plain("""{"id":"c","model":"m","service_tier":"flex","choices":[{"index":0,"message":{"content":"Hi!"},"logprobs":{"content":[{"token":"Hi","logprob":-0.5},{"token":"!","logprob":0}]},"finish_reason":"stop"}]}""");

        ChatResponse answer = await ReadAsync(client, isStreaming);

        answer.AdditionalProperties!["service_tier"].Should().Be("flex");
        ((JsonElement)answer.AdditionalProperties["logprobs"]!).ShouldBeJson("""{"content":[{"token":"Hi","logprob":-0.5},{"token":"!","logprob":0}]}""");
        answer.GetHarborInfo().Provider.Should().Be("openai", "what is said of the call is still there");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Citations_images_and_sound_are_contents(bool isStreaming)
    {
        string message = $$$"""{"role":"assistant","content":"Hi","annotations":{{{Citation}}},"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},{"type":"image_url","image_url":{"url":"https://example.test/i.png"}},{"odd":1}],"audio":{"id":"a1","data":"UklGRgAA","transcript":" there"} }""";
        await using FastClient client = isStreaming
            ? Streaming($$"""{"id":"c","model":"m","choices":[{"index":0,"delta":{{message}} }]}""", """{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""")
            : Plain($$"""{"id":"c","model":"m","choices":[{"index":0,"message":{{message}},"finish_reason":"stop"}]}""");

        ChatResponse answer = await ReadAsync(client, isStreaming);
        List<AIContent> contents = answer.Contents();

        answer.Text.Should().Be("Hi there");
        contents.OfType<TextContent>().SelectMany(text => text.Annotations ?? []).OfType<CitationAnnotation>().Should().ContainSingle().Which.Url.Should().Be(new Uri("https://example.test/a"));
        contents.OfType<DataContent>().Select(data => data.MediaType).Should().BeEquivalentTo("image/png", "audio/wav");
        contents.OfType<UriContent>().Should().ContainSingle();
        contents.Should().ContainSingle(content => content.RawRepresentation is JsonElement && content.GetType() == typeof(AIContent));
    }

    [Theory]
    [InlineData("\"annotations\":null,\"audio\":null,\"images\":null")]
    [InlineData("\"annotations\":[],\"images\":[],\"audio\":{}")]
    [InlineData("\"annotations\":[1,null],\"images\":[\"x\",null],\"audio\":{\"data\":7,\"transcript\":null}")]
    [InlineData("\"annotations\":{\"a\":1},\"images\":\"x\",\"audio\":[1]")]
    [InlineData("\"audio\":{\"data\":\"not base64!\"}")]
    public async Task Extras_that_are_none_change_nothing(string members)
    {
        await using FastClient client = Plain($$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"Hi",{{members}} },"finish_reason":"stop"}]}""");

        (await client.AskAsync()).Contents().Should().ContainSingle().Which.Should().BeOfType<TextContent>().Which.Text.Should().Be("Hi");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static async Task<ChatResponse> ReadAsync(FastClient client, bool isStreaming) => isStreaming ? await client.FoldedAsync() : await client.AskAsync();

    private static FastClient Plain(string body) => Emulated.OpenAI(new ProviderEmulator().ThenRaw(body, "application/json"));

    private static FastClient Streaming(params string[] events) =>
        Emulated.OpenAI(new ProviderEmulator().ThenRaw(string.Concat(events.Append("[DONE]").Select(data => $"data: {data}\n\n")), "text/event-stream"));
}
