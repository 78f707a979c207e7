using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Tokens;

public sealed class TokenEstimateTests
{
    // Ten million characters take well under a second; where work grows with the square of the length, hours.
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly ProviderEmulator _provider = new();

    // Counted with the o200k vocabulary: characters per token of long texts of each kind.
    [Theory]
    [InlineData("The quick brown fox jumps over the lazy dog while the committee discusses various proposals. ", 4.0, 5.8)]
    [InlineData("你好世界今天天气很好我们去公园散步吧", 1.5, 2.2)]
    [InlineData("{\"name\":\"value\",\"count\":12,\"list\":[1,2,3]},", 2.2, 3.5)]
    [InlineData("QmFzZTY0IGlzIG5vdCBmdW4gYXQgYWxsIDEyMzQ1Njc4OTA", 1.3, 1.6)]
    public async Task A_long_text_has_about_the_characters_per_token_of_its_kind(string piece, double least, double most)
    {
        await using FastClient client = Emulated.OpenAI(_provider);
        string text = string.Concat(Enumerable.Repeat(piece, 200));

        long tokens = await CountAsync(client, text);

        (text.Length / (double)tokens).Should().BeInRange(least, most);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("aB")]
    [InlineData("a ")]
    [InlineData("-")]
    [InlineData("a-")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-A=")]
    [InlineData("1")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("漢")]
    [InlineData("\uD83D")]
    [InlineData("😀")]
    [InlineData("{[\"")]
    public async Task Ten_million_characters_of_anything_take_linear_time_and_no_memory(string piece)
    {
        await using FastClient client = Emulated.OpenAI(_provider);
        ChatMessage[] messages = [new(ChatRole.User, string.Concat(Enumerable.Repeat(piece, 10_000_000 / piece.Length)))];
        await client.CountTokensAsync([new ChatMessage(ChatRole.User, piece)]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Task<long> count = client.CountTokensAsync(messages);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(64 << 10, "the first call of a process loads code");
        (await count.WaitAsync(Guard)).Should().BePositive();
    }

    [Fact]
    public async Task Messages_tools_schemas_calls_and_pictures_all_count()
    {
        await using FastClient client = Emulated.OpenAI(_provider);
        AITool tool = AIFunctionFactory.CreateDeclaration("get_weather", "Weather of a city", JsonDocument.Parse("""{"type":"object","properties":{"city":{"type":"string"}}}""").RootElement);
        ChatMessage[] one = [new(ChatRole.User, "hi")];

        long plain = await client.CountTokensAsync(one);
        long two = await client.CountTokensAsync([.. one, .. one]);
        long tools = await client.CountTokensAsync(one, new ChatOptions { Tools = [tool] });
        long silenced = await client.CountTokensAsync(one, new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.None });
        ChatResponseFormat format = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("{\"type\":\"object\"}").RootElement);
        long schema = await client.CountTokensAsync(one, new ChatOptions { ResponseFormat = format });
        long instructions = await client.CountTokensAsync(one, new ChatOptions { Instructions = "be brief" });
        long called = await client.CountTokensAsync(
            [.. one, new(ChatRole.Assistant, [new FunctionCallContent("1", "f", new Dictionary<string, object?> { ["city"] = "Oslo" })]), new(ChatRole.Tool, [new FunctionResultContent("1", "rain")])]);
        long picture = await client.CountTokensAsync([new(ChatRole.User, [new TextContent("hi"), new DataContent(new byte[] { 1 }, "image/png")])]);

        two.Should().Be(plain + 5);
        tools.Should().BeInRange(plain + 20, plain + 60);
        silenced.Should().Be(plain);
        schema.Should().BeGreaterThan(plain + 4);
        instructions.Should().Be(plain + 6);
        called.Should().BeInRange(plain + 14, plain + 24);
        picture.Should().Be(plain + 765);
    }

    [Fact]
    public async Task What_a_model_reports_moves_its_estimates_and_no_others()
    {
        _provider.Otherwise(new EmulatedReply().Text("ok").Usage(30, 1));
        await using FastClient client = Emulated.OpenAI(_provider);
        var other = new ChatOptions { ModelId = "openai/gpt-4o" };
        long before = await CountAsync(client, "count me");

        await client.AskAsync("count me");
        await client.UpdatesAsync("count me");
        await client.AskAsync("count me");

        before.Should().Be(9);
        (await CountAsync(client, "count me")).Should().BeInRange(24, 31);
        (await client.CountTokensAsync([new ChatMessage(ChatRole.User, "count me")], other)).Should().Be(9);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Nothing_is_learned_from_failures_pictures_long_prompts_and_calls_without_usage()
    {
        _provider.Then(400)
            .ThenReply(new EmulatedReply().Text("ok").Usage(500, 1))
            .ThenReply(new EmulatedReply().Text("ok").WithoutUsage())
            .ThenReply(new EmulatedReply().Text("ok").Usage(500, 1))
            .ThenReply(new EmulatedReply().Text("ok").Usage(-5, 1));
        await using FastClient client = Emulated.OpenAI(_provider);

        await client.FailureAsync("count me");
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("count me"), new DataContent(new byte[] { 1 }, "image/png")])]);
        await client.AskAsync("count me");
        await client.AskAsync(new string('x', 70_000));
        await client.AskAsync("count me");

        (await CountAsync(client, "count me")).Should().Be(9);
    }

    [Fact]
    public async Task After_twenty_calls_one_in_sixty_four_is_learned_from()
    {
        for (int i = 0; i < 20; i++) _provider.ThenReply(new EmulatedReply().Text("ok").Usage(9, 1));
        _provider.Otherwise(new EmulatedReply().Text("ok").Usage(27, 1));
        await using FastClient client = Emulated.OpenAI(_provider);

        for (int i = 1; i < 64; i++) await client.AskAsync("count me");
        long before = await CountAsync(client, "count me");
        await client.AskAsync("count me");

        before.Should().Be(9);
        (await CountAsync(client, "count me")).Should().BeGreaterThan(9);
    }

    [Fact]
    public async Task A_host_that_reports_nonsense_moves_the_estimate_within_bounds()
    {
        _provider.Otherwise(new EmulatedReply().Text("ok").Usage(1_000_000_000_000_000, 1));
        await using FastClient client = Emulated.OpenAI(_provider);
        string text = string.Concat(Enumerable.Repeat("word ", 1000));
        for (int i = 0; i < 30; i++) await client.AskAsync(text);

        (await CountAsync(client, text)).Should().BeInRange(900, 3100);
    }

    [Theory]
    [InlineData(1_000_000_000_000_000, 1, 1_100)]
    [InlineData(1, 1, 40)]
    public async Task However_often_it_does(long reported, long least, long most)
    {
        _provider.Otherwise(new EmulatedReply().Text("ok").Usage(reported, 1));
        await using FastClient client = Emulated.OpenAI(_provider);
        long before = await CountAsync(client, "How many tokens is this?");

        for (int i = 0; i < 20_000; i++) await client.AskAsync("How many tokens is this?");

        (await CountAsync(client, "How many tokens is this?")).Should().BeInRange(Math.Max(least, before / 4), most);
    }

    private static Task<long> CountAsync(FastClient client, string text) => client.CountTokensAsync([new ChatMessage(ChatRole.User, text)]);
}
