using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// What happens when an answer is about to expire, has expired, or is a refusal.
public sealed class RefreshTests
{
    private static readonly HarborChatOptions Deterministic = new() { Temperature = 0, CacheTtl = TimeSpan.FromMinutes(10) };

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task An_answer_near_its_end_is_made_anew_behind_the_caller_once()
    {
        int count = 0;
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {++count}"));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.TtlJitter = 0));
        await client.GetResponseAsync("hi", Deterministic);
        _time.Advance(TimeSpan.FromMinutes(8.9));
        await client.GetResponseAsync("hi", Deterministic);
        provider.Attempts.Should().HaveCount(1, "it is not time yet");
        _time.Advance(TimeSpan.FromMinutes(0.2));

        ChatResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.GetResponseAsync("hi", Deterministic)));
        await provider.AttemptEnded(2).Guarded();
        await UntilKeptAsync(client, 2);
        _time.Advance(TimeSpan.FromMinutes(5));
        ChatResponse later = await client.GetResponseAsync("hi", Deterministic);

        answers[0].Text.Should().Be("answer 1", "nobody waits for the new one");
        answers.Should().OnlyContain(answer => answer.GetHarborInfo().CacheLevel == CacheLevel.Memory);
        later.Text.Should().Be("answer 2");
        provider.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_refresh_that_fails_leaves_what_is_kept()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("kept").Otherwise(EmulatedReply.Error(500));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.TtlJitter = 0));
        await client.GetResponseAsync("hi", Deterministic);
        _time.Advance(TimeSpan.FromMinutes(9.5));

        await client.GetResponseAsync("hi", Deterministic);
        await provider.AttemptEnded(2).Guarded();

        (await client.GetResponseAsync("hi", Deterministic)).Text.Should().Be("kept");
    }

    [Fact]
    public async Task An_expired_answer_serves_while_the_provider_is_down_and_says_so()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("kept").Then(503).Then(503).ThenAnswer("new");
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.StaleFor = TimeSpan.FromHours(1)));
        await client.GetResponseAsync("hi", Deterministic);
        _time.Advance(TimeSpan.FromMinutes(30));

        ChatResponse stale = await client.GetResponseAsync("hi", Deterministic);
        ChatResponse streamed = (await client.GetStreamingResponseAsync("hi", Deterministic).ToListAsync()).ToChatResponse();
        _time.Advance(TimeSpan.FromMinutes(1));
        ChatResponse fresh = await client.GetResponseAsync("hi", Deterministic);

        stale.Text.Should().Be("kept");
        stale.GetHarborInfo().IsStale.Should().BeTrue();
        streamed.GetHarborInfo().IsStale.Should().BeTrue();
        fresh.Text.Should().Be("new");
        fresh.GetHarborInfo().IsStale.Should().BeFalse();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stale_answer_serves_for_no_longer_than_it_may_and_for_no_other_error()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("kept").Then(400).Then(503);
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.StaleFor = TimeSpan.FromHours(1)));
        await client.GetResponseAsync("hi", Deterministic);
        _time.Advance(TimeSpan.FromMinutes(30));

        (await client.Awaiting(c => c.GetResponseAsync("hi", Deterministic)).Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        _time.Advance(TimeSpan.FromMinutes(60));
        (await client.Awaiting(c => c.GetResponseAsync("hi", Deterministic)).Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Overloaded);
    }

    [Fact]
    public async Task A_refusal_is_remembered_where_that_is_asked_for()
    {
        var provider = new ProviderEmulator(_time).Then(400, body: """{"error":{"message":"no","type":"invalid_request_error"}}""").ThenAnswer("now it goes");
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.NegativeTtl = TimeSpan.FromSeconds(30)));
        HarborException first = (await client.Awaiting(c => c.GetResponseAsync("hi", Deterministic)).Should().ThrowAsync<HarborException>()).Which;

        HarborException second = (await client.Awaiting(c => c.GetResponseAsync("hi", Deterministic)).Should().ThrowAsync<HarborException>()).Which;
        _time.Advance(TimeSpan.FromSeconds(34));
        ChatResponse third = await client.GetResponseAsync("hi", Deterministic);

        second.Kind.Should().Be(first.Kind);
        second.Should().NotBeSameAs(first);
        third.Text.Should().Be("now it goes");
        provider.Attempts.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task What_may_go_well_the_next_time_is_not_remembered(int status)
    {
        var provider = new ProviderEmulator(_time).Then(status).ThenAnswer("well");
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.NegativeTtl = TimeSpan.FromSeconds(30)));
        await client.Awaiting(c => c.GetResponseAsync("hi", Deterministic)).Should().ThrowAsync<HarborException>();

        (await client.GetResponseAsync("hi", Deterministic)).Text.Should().Be("well");
    }

    [Fact]
    public async Task Entries_made_together_do_not_expire_together()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.RefreshAfter = 1));
        for (int i = 0; i < 100; i++) await client.GetResponseAsync($"question {i}", Deterministic);
        _time.Advance(TimeSpan.FromMinutes(10));

        int kept = 0;
        for (int i = 0; i < 100; i++) kept += (await client.GetResponseAsync($"question {i}", Deterministic)).GetHarborInfo().CacheLevel == CacheLevel.Memory ? 1 : 0;

        kept.Should().BeInRange(30, 70);
    }

    private static async Task UntilKeptAsync(FastClient client, long stored)
    {
        using var guard = new CancellationTokenSource(TestClients.Guard);
        while (client.Cache.Statistics.Stored < stored)
        {
            guard.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
