using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// The answers to one request, removed.
#pragma warning disable CA1001 // The levels of these tests lie in memory: disposing them does nothing.
public sealed class ChatRemovalTests
#pragma warning restore CA1001
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedLevel _level = new();
    private readonly ProviderEmulator _provider;

    public ChatRemovalTests()
    {
        int count = 0;
        _provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {++count}"));
    }

    public static TheoryData<PerformanceMode> ModesWithCache => [PerformanceMode.Balanced, PerformanceMode.Full];

    private static HarborChatOptions Deterministic => new() { Temperature = 0 };

    [Theory]
    [MemberData(nameof(ModesWithCache))]
    public async Task One_answer_is_made_anew_and_the_others_of_its_model_stay(PerformanceMode mode)
    {
        await using FastClient client = Client(mode);
        await AskAsync(client, "one");
        await AskAsync(client, "two");

        await client.Cache.InvalidateChatAsync([new ChatMessage(ChatRole.User, "one")], Deterministic);

        (await AskAsync(client, "one")).Should().Be("answer 3");
        (await AskAsync(client, "two")).Should().Be("answer 2");
    }

    [Fact]
    public async Task It_goes_from_the_levels_below_too()
    {
        await using FastClient client = Client(PerformanceMode.Full);
        await AskAsync(client, "one");
        await AskAsync(client, "two");
        await LevelFixture.UntilAsync(() => _level.Items.Count == 2);
        _time.Advance(TimeSpan.FromSeconds(1));

        await client.Cache.InvalidateChatAsync([new ChatMessage(ChatRole.User, "one")], Deterministic);

        _level.Items.Should().HaveCount(1);
        (await AskAsync(client, "one")).Should().Be("answer 3");
    }

    [Fact]
    public async Task Another_process_that_is_told_of_it_delivers_it_no_more()
    {
        await using FastClient client = Client(PerformanceMode.Full);
        var otherLevel = new ScriptedLevel();
        await using FastClient other = Client(PerformanceMode.Full, otherLevel);
        await AskAsync(other, "one");
        await AskAsync(other, "two");
        await LevelFixture.UntilAsync(() => otherLevel.Items.Count == 2);
        _time.Advance(TimeSpan.FromSeconds(1));

        await client.Cache.InvalidateChatAsync([new ChatMessage(ChatRole.User, "one")], Deterministic);
        otherLevel.TellOfRemoval(_level.Removed.Single());

        (await AskAsync(other, "one")).Should().Be("answer 3");
        (await AskAsync(other, "two")).Should().Be("answer 2");
    }

    [Fact]
    public async Task Another_tenant_keeps_its_answer()
    {
        await using FastClient client = Client(PerformanceMode.Balanced);
        await client.GetResponseAsync("one", new HarborChatOptions { Temperature = 0, Tenant = "theirs" });

        await client.Cache.InvalidateChatAsync([new ChatMessage(ChatRole.User, "one")], Deterministic);

        (await client.GetResponseAsync("one", new HarborChatOptions { Temperature = 0, Tenant = "theirs" })).GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
    }

    [Fact]
    public async Task Of_an_alias_the_answers_of_all_targets_go()
    {
        var first = new ProviderEmulator(_time).Then(503).Otherwise(EmulatedReply.Answer("of the first"));
        await using FastClient client = TestClients.Chain(_time, first, _provider);
        await AskAsync(client, "one");

        await client.Cache.InvalidateChatAsync([new ChatMessage(ChatRole.User, "one")], Deterministic);

        (await AskAsync(client, "one")).Should().Be("of the first");
    }

    [Fact]
    public async Task An_answer_that_was_asked_for_before_is_delivered_and_not_kept()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("old").DelayBeforeHeaders(TimeSpan.FromSeconds(1))).ThenAnswer("new");
        await using FastClient client = TestClients.Balanced(provider, _time);
        Task<string> asking = AskAsync(client, "one");
        await provider.AttemptReceived(1).Guarded();

        await client.Cache.InvalidateChatAsync([new ChatMessage(ChatRole.User, "one")], Deterministic);
        await _time.AdvanceUntil(asking);

        (await asking).Should().Be("old");
        (await AskAsync(client, "one")).Should().Be("new");
    }

    [Fact]
    public async Task A_level_that_cannot_be_reached_is_said_and_this_process_delivers_it_no_more()
    {
        await using FastClient client = Client(PerformanceMode.Full);
        await AskAsync(client, "one");
        await LevelFixture.UntilAsync(() => _level.Items.Count == 1);
        _level.OnRemove = (_, _) => throw new IOException("broken");

        HarborException error = (await client.Cache.Awaiting(cache => cache.InvalidateChatAsync([new ChatMessage(ChatRole.User, "one")], Deterministic)).Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.Network);
        (await AskAsync(client, "one")).Should().Be("answer 2");
    }

    private static async Task<string> AskAsync(FastClient client, string question) => (await client.GetResponseAsync(question, Deterministic)).Text;

    private FastClient Client(PerformanceMode mode, ScriptedLevel? level = null) => TestClients.OpenAI(_provider, _time, mode, builder => builder.UseCacheLevel(() => level ?? _level));
}
