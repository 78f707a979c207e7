using HarborClient.Testing;
using HarborClient.Tests.Embeddings;

namespace HarborClient.Tests.Caching;

// A text that somebody asks for already is not asked for again.
public sealed class EmbeddingFlightTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public EmbeddingFlightTests() => _provider = new ProviderEmulator(_time).Otherwise(new EmulatedReply().DelayBeforeHeaders(Second));

    [Theory]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task Texts_that_two_callers_have_in_common_are_asked_for_once(PerformanceMode mode)
    {
        await using FastClient client = TestClients.OpenAI(_provider, _time, mode);

        Task<GeneratedEmbeddings<Embedding<float>>> one = client.GenerateAsync(["a", "b", "c"]);
        Task<GeneratedEmbeddings<Embedding<float>>> other = client.GenerateAsync(["c", "d", "b"]);
        await _time.AdvanceUntil(Task.WhenAll(one, other));

        Texts().Should().BeEquivalentTo("a", "b", "c", "d");
        Vector(other, 0).Should().Equal(Vector(one, 2));
        Vector(other, 2).Should().Equal(Vector(one, 1));
        (await other).Should().HaveCount(3).And.OnlyContain(embedding => embedding.Vector.Length > 0);
        client.Cache.Statistics.Coalesced.Should().Be(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_hundred_who_ask_the_same_cause_one_request_and_one_is_charged()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        Task<GeneratedEmbeddings<Embedding<float>>>[] asking = [.. Enumerable.Range(0, 100).Select(_ => client.GenerateAsync(["a"]))];
        await _time.AdvanceUntil(Task.WhenAll(asking));

        _provider.Attempts.Should().HaveCount(1);
        GeneratedEmbeddings<Embedding<float>>[] answers = await Task.WhenAll(asking);
        answers.Count(answer => answer.Usage!.TotalTokenCount > 0).Should().Be(1);
        answers.Select(answer => answer[0].Vector.Length).Should().AllBeEquivalentTo(answers[0][0].Vector.Length);
    }

    [Fact]
    public async Task A_text_that_is_twice_in_one_call_is_sent_as_it_is()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        Task<GeneratedEmbeddings<Embedding<float>>> asking = client.GenerateAsync(["a", "b", "a"]);
        await _time.AdvanceUntil(asking);

        Texts().Should().Equal("a", "b", "a");
        Vector(asking, 2).Should().Equal(Vector(asking, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_who_leaves_does_not_touch_the_other(bool isOpener)
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        using var leaving = new CancellationTokenSource();
        Task<GeneratedEmbeddings<Embedding<float>>> one = client.GenerateAsync(["a", "b"], null, isOpener ? leaving.Token : default);
        Task<GeneratedEmbeddings<Embedding<float>>> other = client.GenerateAsync(["b", "a"], null, isOpener ? default : leaving.Token);

        await leaving.CancelAsync();
        (await (isOpener ? one : other).Awaiting(left => left).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(leaving.Token);
        await _time.AdvanceUntil(isOpener ? other : one);

        _provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_last_one_out_cancels_the_request()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        using var leaving = new CancellationTokenSource();
        Task one = client.GenerateAsync(["a"], null, leaving.Token);
        Task other = client.GenerateAsync(["a"], null, leaving.Token);

        await leaving.CancelAsync();

        foreach (Task left in new[] { one, other }) await left.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        client.Outstanding().Should().Be(Outstanding.None);
        Task<GeneratedEmbeddings<Embedding<float>>> anew = client.GenerateAsync(["a"]);
        await _time.AdvanceUntil(anew);
        Vector(anew, 0).Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_failure_reaches_all_with_an_exception_each_and_the_next_asks_anew()
    {
        _provider.ThenReply(EmulatedReply.Error(400).DelayBeforeHeaders(Second));
        await using FastClient client = TestClients.Balanced(_provider, _time);

        Task<GeneratedEmbeddings<Embedding<float>>>[] asking = [.. Enumerable.Range(0, 3).Select(_ => client.GenerateAsync(["a"]))];
        await _time.AdvanceUntil(Task.WhenAll(asking.Select(asked => asked.ContinueWith(_ => { }, TaskScheduler.Default))));

        Exception[] errors = [.. asking.Select(asked => asked.Exception!.InnerException!)];
        errors.Should().AllBeAssignableTo<HarborException>().And.OnlyHaveUniqueItems();
        errors.Cast<HarborException>().Should().OnlyContain(error => error.Kind == ErrorKind.InvalidRequest && error.Attempts.Count == 1);
        await _time.AdvanceUntil(client.GenerateAsync(["a"]));
        _provider.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_clock_of_the_one_who_asked_is_not_the_others()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        Task<GeneratedEmbeddings<Embedding<float>>> one = client.GenerateAsync(["a"], With("harbor.total_timeout", Second / 2));
        Task<GeneratedEmbeddings<Embedding<float>>> other = client.GenerateAsync(["a"]);
        await _time.AdvanceUntil(other);

        (await one.Awaiting(asked => asked).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        Vector(other, 0).Should().NotBeEmpty();
        _provider.Attempts.Should().HaveCount(2);
    }

    [Fact]
    public async Task One_who_waits_for_anothers_request_keeps_its_own_clock()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        Task<GeneratedEmbeddings<Embedding<float>>> one = client.GenerateAsync(["a"]);
        Task<GeneratedEmbeddings<Embedding<float>>> other = client.GenerateAsync(["a"], With("harbor.total_timeout", Second / 2));
        await _time.AdvanceUntil(one);

        (await other.Awaiting(asked => asked).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        _provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_is_removed_meanwhile_is_asked_for_anew()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        Task one = client.GenerateAsync(["a"]);
        await client.Cache.InvalidateModelAsync("openai/text-embedding-3-small");
        Task other = client.GenerateAsync(["a"]);
        await _time.AdvanceUntil(Task.WhenAll(one, other));

        _provider.Attempts.Should().HaveCount(2);
    }

    [Fact]
    public async Task Other_tenants_and_those_who_want_new_vectors_go_alone()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        await _time.AdvanceUntil(Task.WhenAll(
            client.GenerateAsync(["a"]), client.GenerateAsync(["a"], With("harbor.tenant", "acme")), client.GenerateAsync(["a"], With("harbor.cache", "Refresh")), client.GenerateAsync(["a"], With("harbor.cache", "Bypass"))));

        Texts().Should().Equal("a", "a", "a", "a");
    }

    private static EmbeddingGenerationOptions With(string key, object value) => new() { AdditionalProperties = new() { [key] = value } };

    private static float[] Vector(Task<GeneratedEmbeddings<Embedding<float>>> asked, int index) => asked.Result[index].Vector.ToArray();

    private IEnumerable<string> Texts() => _provider.Attempts.SelectMany(BatchHost.Inputs);
}
