using System.Text;
using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.EveryProvider;

// Whatever a text or an image holds and however long it is, every provider gets exactly that: pieces of a long body have no seams.
public sealed class LongTextTests
{
    // Around the lengths where the way of writing changes: a short text, the first array, a segment, several.
    private static readonly int[] Lengths = [0, 1, 47, 48, 49, 700, 2_047, 8_190, 32_767, 65_535, 65_537, 200_000];

    private readonly ProviderEmulator _provider = new();

    public static TheoryData<ProviderUnderTest> Providers => ProviderUnderTest.All;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_text_of_any_length_and_characters_arrives_as_it_is(ProviderUnderTest provider)
    {
        await using FastClient client = provider.Create(_provider.CreateHandler());
        string all = string.Concat(Enumerable.Range(0, 0x20).Select(i => (char)i)) + "\"\\/\u007f\u0085\u00a0é\u2028\u3000港は静か😀";
        string[] texts = [.. Lengths.Select(length => "x" + string.Concat(Enumerable.Repeat(all, (length / all.Length) + 1))[..length] + "."), "日本語 " + new string('港', 40_000), new string('\u0001', 30_000) + "."];

        foreach (string text in texts)
        {
            await client.GetResponseAsync(text.EndsWith('\ud83d') ? text + '\ude00' : text);

            TextsOf(_provider.Attempts[^1].BodyJson!.Value).Should().Contain(text.Replace("\ud83d.", "\ufffd.", StringComparison.Ordinal));
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_half_of_a_pair_becomes_the_replacement_character(ProviderUnderTest provider)
    {
        await using FastClient client = provider.Create(_provider.CreateHandler());
        string filling = new('a', 100);

        foreach (string half in new[] { "\ud83d", "\ude00", "\ude00\ud83d", "\ud83d\n", "\ud83d\ud83d\ude00" })
        {
            await client.GetResponseAsync($"{filling}{half}{filling}");
            await client.GetResponseAsync($"{filling}{half}");

            string readable = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(half));
            TextsOf(_provider.Attempts[^2].BodyJson!.Value).Should().Contain($"{filling}{readable}{filling}");
            TextsOf(_provider.Attempts[^1].BodyJson!.Value).Should().Contain(text => text.TrimEnd() == $"{filling}{readable}".TrimEnd());
        }
    }

    [Fact]
    public async Task Texts_that_become_one_join_a_pair_between_them()
    {
        await using FastClient client = ProviderUnderTest.Named("openai").Create(_provider.CreateHandler());
        string filling = new('a', 100);
        ChatMessage said = new(ChatRole.Assistant, [new TextContent(filling + "\ud83d"), new TextContent(""), new TextContent("\ude00" + filling), new TextContent("\ud83d"), new TextContent("b"), new TextContent("\ud83d")]);

        await client.GetResponseAsync([new(ChatRole.User, "hi"), said, new(ChatRole.User, "and?")]);

        TextsOf(_provider.Attempts[0].BodyJson!.Value).Should().Contain($"{filling}😀{filling}\ufffdb\ufffd");
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("responses")]
    [InlineData("claude")]
    [InlineData("gemini")]
    [InlineData("zhipu")]
    [InlineData("local")]
    public async Task An_image_of_any_size_arrives_as_base64(string name)
    {
        await using FastClient client = ProviderUnderTest.Named(name).Create(_provider.CreateHandler());
        foreach (int size in new[] { 1, 2, 3, 4, 5, 6, 1_500, 24_576, 49_151, 49_152, 49_153, 200_000 })
        {
            byte[] image = new byte[size];
            new Random(size).NextBytes(image);
            string base64 = Convert.ToBase64String(image);

            await client.GetResponseAsync([new(ChatRole.User, [new TextContent("what?"), new DataContent(image, "image/png")])]);
            await client.GetResponseAsync([new(ChatRole.User, [new TextContent("what?"), new DataContent($"data:image/png;base64,{base64}")])]);

            foreach (EmulatedAttempt attempt in _provider.Attempts.TakeLast(2))
                TextsOf(attempt.BodyJson!.Value).Should().Contain(text => text == base64 || text == "data:image/png;base64," + base64);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Arguments_and_results_of_any_length_arrive_as_they_are(ProviderUnderTest provider)
    {
        await using FastClient client = provider.Create(_provider.CreateHandler());
        string text = string.Concat(Enumerable.Repeat("\"港は静か\"\n\\ 😀 ", 8_000));
        object[] results = [text, JsonSerializer.SerializeToElement(text), JsonDocument.Parse(JsonSerializer.Serialize(text)).RootElement];

        foreach (object result in results)
        {
            var call = new FunctionCallContent("c1", "look", new Dictionary<string, object?> { ["text"] = text });
            await client.GetResponseAsync([new(ChatRole.User, "hi"), new(ChatRole.Assistant, [call]), new(ChatRole.Tool, [new FunctionResultContent("c1", result)])]);

            List<string> sent = TextsOf(_provider.Attempts[^1].BodyJson!.Value);
            sent.Count(sentText => sentText == text).Should().BeGreaterThanOrEqualTo(1, "the result is a text");
            sent.Should().Contain(sentText => sentText == text || IsArguments(sentText, text));
        }
    }

    private static bool IsArguments(string json, string text) =>
        json.StartsWith("{\"text\":", StringComparison.Ordinal) && JsonDocument.Parse(json).RootElement.GetProperty("text").GetString() == text;

    private static List<string> TextsOf(JsonElement json)
    {
        List<string> texts = [];
        Collect(json);
        return texts;

        void Collect(JsonElement part)
        {
            if (part.ValueKind == JsonValueKind.String) texts.Add(part.GetString()!);
            else if (part.ValueKind == JsonValueKind.Array) foreach (JsonElement item in part.EnumerateArray()) Collect(item);
            else if (part.ValueKind == JsonValueKind.Object) foreach (JsonProperty member in part.EnumerateObject()) Collect(member.Value);
        }
    }
}
