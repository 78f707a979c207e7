using HarborClient.Testing;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tests.MemoryPressure;

public sealed class MemoryLimitTests : IDisposable
{
    private const int Short = 55;
    private const int Full = 56;
    private const int AtEase = 57;
    private const int Unknown = 58;
    private const long Limit = 100L << 20;
    private const long Percent = Limit / 100;

    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();
    private long _used;
    private int _asked;

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task From_80_percent_on_caches_are_emptied_and_one_warning_is_logged()
    {
        await using FastClient client = Client();
        var probe = new MemoryProbe(client);

        await LookAsync(client, 79 * Percent);
        probe.Trims.Should().Be(0);
        await LookAsync(client, 80 * Percent);
        await LookAsync(client, 85 * Percent);

        probe.Trims.Should().Be(2, "what was stored in between goes as well");
        _logs.Of(Short).Should().ContainSingle().Which.Should().BeEquivalentTo(new { Level = LogLevel.Warning });
        _logs.Of(Short).Single().Message.Should().Contain("80 MiB").And.Contain("MemoryLimitBytes (100 MiB)");
        probe.MayStore.Should().BeTrue();
    }

    [Fact]
    public async Task Memory_that_hovers_about_the_line_warns_once_and_below_70_percent_it_is_at_ease()
    {
        await using FastClient client = Client();

        foreach (int used in new[] { 81, 79, 82, 71, 80 }) await LookAsync(client, used * Percent);
        _logs.Of(Short).Should().ContainSingle();
        _logs.Of(AtEase).Should().BeEmpty();
        await LookAsync(client, 69 * Percent);
        _logs.Of(AtEase).Should().ContainSingle();
        await LookAsync(client, 81 * Percent);

        _logs.Of(Short).Should().HaveCount(2);
    }

    [Fact]
    public async Task Above_95_percent_nothing_is_stored_until_less_than_90_are_in_use()
    {
        await using FastClient client = Client();
        var probe = new MemoryProbe(client);
        var mayStore = new List<bool>();

        foreach (int used in new[] { 95, 96, 94, 91, 90, 91 })
        {
            await LookAsync(client, used * Percent);
            mayStore.Add(probe.MayStore);
        }

        mayStore.Should().Equal(true, false, false, false, true, true);
        _logs.Of(Full).Should().ContainSingle();
    }

    [Fact]
    public async Task Memory_is_looked_at_once_a_second_at_most()
    {
        await using FastClient client = Client();

        for (int i = 0; i < 5; i++) await client.GetResponseAsync("hi");
        _asked.Should().Be(1);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        await client.GetResponseAsync("hi");
        _asked.Should().Be(1);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await client.GetResponseAsync("hi");

        _asked.Should().Be(2);
    }

    [Fact]
    public async Task Streams_and_failed_calls_are_looked_after_too()
    {
        await using FastClient client = Client(new ProviderEmulator(_time).ThenAnswer("one").Then(400));

        await foreach (string _ in client.StreamTextAsync("hi"))
        {
            _asked.Should().Be(0, "the call has not ended");
        }

        _asked.Should().Be(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await client.Invoking(c => c.GetResponseAsync("hi")).Should().ThrowAsync<HarborException>();

        _asked.Should().Be(2);
    }

    [Fact]
    public async Task A_measure_that_throws_fails_no_call_and_is_logged_once()
    {
        await using FastClient client = Client(measure: () => throw new InvalidOperationException("no cgroup"));

        for (int i = 0; i < 3; i++)
        {
            (await client.GetResponseAsync("hi")).Text.Should().NotBeEmpty();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _logs.Of(Unknown).Should().ContainSingle().Which.Exception!.Message.Should().Be("no cgroup");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Kept_answers_and_values_go_with_the_other_caches_and_are_kept_again()
    {
        await using FastClient client = Client(new ProviderEmulator(_time));
        await KeepAsync(client);
        client.Cache.Statistics.Entries.Should().Be(2);

        client.TrimMemory();
        client.Cache.Statistics.Entries.Should().Be(0);
        await KeepAsync(client);
        client.Cache.Statistics.Entries.Should().Be(2);
        await LookAsync(client, 80 * Percent);

        client.Cache.Statistics.Entries.Should().Be(0);
    }

    [Fact]
    public async Task Above_95_percent_no_answer_is_kept()
    {
        await using FastClient client = Client(new ProviderEmulator(_time));

        await LookAsync(client, 96 * Percent);
        await KeepAsync(client);

        client.Cache.Statistics.Entries.Should().Be(0);
    }

    private static async Task KeepAsync(FastClient client)
    {
        await client.GetResponseAsync("kept", new ChatOptions { Temperature = 0, ModelId = TestClients.Model });
        await client.Cache.GetOrCreateAsync("own", _ => new ValueTask<int>(1), (System.Text.Json.Serialization.Metadata.JsonTypeInfo<int>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(int)));
    }

    [Fact]
    public async Task Without_a_function_the_heap_of_the_process_is_measured()
    {
        long[] held = GC.AllocateUninitializedArray<long>(4 << 20);
        GC.Collect();
        await using FastClient client = TestClients.OpenAI(new ProviderEmulator(_time), _time, configure: h => h.UseLoggerFactory(_logs).UseMemoryLimit(16 << 20));

        await client.GetResponseAsync("hi");

        _logs.Of(Short).Should().ContainSingle("32 MB are held and 16 MiB allowed");
        new MemoryProbe(client).MayStore.Should().BeFalse();
        GC.KeepAlive(held);
    }

    [Fact]
    public async Task Without_a_limit_nothing_is_looked_at_and_TrimMemory_works_all_the_same()
    {
        await using FastClient client = TestClients.OpenAI(new ProviderEmulator(_time), _time, configure: h => h.UseLoggerFactory(_logs));
        var probe = new MemoryProbe(client);

        await client.GetResponseAsync("hi");
        probe.Trims.Should().Be(0);
        client.TrimMemory();

        probe.Trims.Should().Be(1);
        _logs.Of(Short).Should().BeEmpty();
    }

    [Fact]
    public async Task TrimMemory_leaves_calls_in_flight_alone_and_works_after_disposal()
    {
        FastClient client = Client(new ProviderEmulator(_time).ThenAnswer("one two three four"));
        var probe = new MemoryProbe(client);
        var pieces = new List<string>();

        await foreach (string piece in client.StreamTextAsync("hi"))
        {
            client.TrimMemory();
            pieces.Add(piece);
        }

        string.Concat(pieces).Should().Be("one two three four");
        client.Outstanding().Should().Be(Outstanding.None);
        await client.DisposeAsync();
        int before = probe.Trims;
        client.TrimMemory();

        probe.Trims.Should().Be(before + 1);
    }

    [Fact]
    public async Task An_agent_whose_declarations_were_dropped_sends_the_same_request_again()
    {
        var provider = new ProviderEmulator(_time);
        await using FastClient client = Client(provider);
        AIFunction tool = AIFunctionFactory.Create((string city) => city.Length, "weather", "Tells the weather.");

        await client.GetResponseAsync("hi", new ChatOptions { Tools = [tool] });
        client.TrimMemory();
        await client.GetResponseAsync("hi", new ChatOptions { Tools = [tool] });

        provider.Attempts[1].Body.Should().Equal(provider.Attempts[0].Body);
    }

    private FastClient Client(ProviderEmulator? provider = null, Func<long>? measure = null) =>
        TestClients.OpenAI(provider ?? new ProviderEmulator(_time), _time, configure: h => h.UseLoggerFactory(_logs).UseMemoryLimit(Limit, measure ?? Measure));

    private long Measure()
    {
        _asked++;
        return _used;
    }

    private async Task LookAsync(FastClient client, long used)
    {
        _used = used;
        _time.Advance(TimeSpan.FromSeconds(1));
        await client.GetResponseAsync("hi");
    }
}
