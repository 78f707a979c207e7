using HarborClient.Caching;
using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Caching;

// What callers and hosts may say without harm to the cache of all.
public sealed class KeptBoundTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public KeptBoundTests() => _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("hello"));

    [Fact]
    public async Task An_answer_that_is_to_be_kept_for_ever_is_kept()
    {
        var level = new ScriptedLevel();
        await using FastClient client = TestClients.OpenAI(_provider, _time, PerformanceMode.Full, h => h.UseCacheLevel(() => level));
        var options = new HarborChatOptions { Temperature = 0, CacheTtl = TimeSpan.MaxValue };

        await client.GetResponseAsync("hi", options);

        (await client.GetResponseAsync("hi", options)).GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        await LevelFixture.UntilAsync(() => level.Items.Count == 1);
    }

    [Fact]
    public async Task A_label_that_levels_have_no_place_for_is_no_fault_of_theirs()
    {
        var level = new ScriptedLevel();
        await using FastClient client = TestClients.OpenAI(_provider, _time, PerformanceMode.Full, h => h.UseCacheLevel(() => level));

        await client.GetResponseAsync("long", new HarborChatOptions { Temperature = 0, Tags = new Dictionary<string, string> { ["note"] = new('x', 70_000) } });
        await client.GetResponseAsync("short", new HarborChatOptions { Temperature = 0, Tags = new Dictionary<string, string> { ["note"] = "x" } });

        await LevelFixture.UntilAsync(() => level.Items.Count == 1);
        level.Items.Values.Single().Tags.Should().Equal("note=x");
    }

    [Theory]
    [InlineData("conversation")]
    [InlineData("previous_response_id")]
    [InlineData("mcp_servers")]
    [InlineData("web_search_options")]
    public async Task An_answer_that_depends_on_more_than_its_request_is_not_kept(string member)
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        ChatOptions options = new() { Temperature = 0, AdditionalProperties = new() { [member] = "x" } };

        await client.GetResponseAsync("hi", options);
        await client.GetResponseAsync("hi", options);

        _provider.Attempts.Should().HaveCount(2);
    }

    [Fact]
    public void What_goes_with_a_text_is_reckoned_too()
    {
        string much = new('x', 100_000);
        StoredSize.Of(SampleAnswers.Bare()).Should().BeLessThan(1_000);
        StoredAnswer properties = new() { Provider = "", TargetModel = "", Runs = [], Properties = [KeyValuePair.Create("system_fingerprint", much)] };
        StoredAnswer cited = new() { Provider = "", TargetModel = "", Runs = [new StoredRun(HarborUpdateKind.Text, [], new[] { new StoredAnnotation(null, null, null, null, much, []) })] };
        StoredAnswer thoughts = new() { Provider = "", TargetModel = "", Runs = [new StoredRun(HarborUpdateKind.Reasoning, [], much)] };

        foreach (StoredAnswer answer in new[] { properties, cited, thoughts }) StoredSize.Of(answer).Should().BeGreaterThan(2 * much.Length);
    }
}
