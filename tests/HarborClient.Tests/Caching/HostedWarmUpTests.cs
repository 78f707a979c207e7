using HarborClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tests.Caching;

// A host that starts warms the cache up, and one that stops ends what was scheduled.
public sealed class HostedWarmUpTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    private ServiceProvider Container(Action<CacheWarmupOptions> configure, object? key = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(_logs).AddSingleton<TimeProvider>(_time);
        void Client(HarborBuilder builder) => builder.AddOpenAI("sk-test-key-7Qm2xWv9", openAI => openAI.SendOnceThrough(new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine")).CreateHandler())).UseDefaultModel(TestClients.Model);
        if (key is null) services.AddHarborAI(Client);
        else services.AddKeyedHarborAI(key, Client);
        return services.AddHarborCacheWarmup(configure, key).BuildServiceProvider();
    }

    private static CacheRequest Own(Func<CancellationToken, ValueTask<string>> function, string key = "key") => CacheRequest.Value(key, function, OwnJson.Default.String);

    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public async Task A_host_that_starts_warms_up_and_schedules_and_one_that_stops_ends_both(string? key)
    {
        await using ServiceProvider container = Container(
            options =>
            {
                options.HoldsStart = true;
                options.Warm(CacheRequest.Chat("hi"), Own(OwnFunction.Counting())).Refresh(Own(OwnFunction.Counting(), "scheduled"), "5m");
            },
            key);
        FastClient client = key is null ? container.GetRequiredService<FastClient>() : container.GetRequiredKeyedService<FastClient>(key);
        IHostedService service = container.GetServices<IHostedService>().Single();

        await service.StartAsync(CancellationToken.None).Guarded();
        ChatResponse answer = await client.GetResponseAsync("hi", new HarborChatOptions { Cache = CachePolicy.Only });
        CacheSchedule schedule = client.Cache.Schedules.Single();
        await service.StopAsync(CancellationToken.None).Guarded();

        answer.Text.Should().Be("fine");
        schedule.Name.Should().Be("scheduled");
        client.Cache.Schedules.Should().BeEmpty();
        _logs.Of(84).Single().Message.Should().Contain("2 of 2");
    }

    [Fact]
    public async Task The_start_does_not_wait_unless_it_is_asked_to_and_the_stop_cancels()
    {
        var held = new OwnFunction();
        await using ServiceProvider container = Container(options => options.Warm(Own(held.RunAsync)));
        IHostedService service = container.GetServices<IHostedService>().Single();

        await service.StartAsync(CancellationToken.None).Guarded();
        await held.Started;
        await service.StopAsync(CancellationToken.None).Guarded();

        held.Token.IsCancellationRequested.Should().BeTrue();
        _logs.Entries.Should().NotContain(entry => entry.EventId >= 77 && entry.EventId <= 79);
    }

    [Fact]
    public async Task What_fails_is_logged_and_the_host_starts()
    {
        await using ServiceProvider container = Container(options =>
        {
            options.HoldsStart = true;
            options.Warm(Own(OwnFunction.Counting()), Own(_ => throw new IOException("down"), "the menu"));
        });

        await container.GetServices<IHostedService>().Single().StartAsync(CancellationToken.None).Guarded();

        _logs.Of(84).Single().Message.Should().Contain("1 of 2");
        RecordedLogs.Entry failure = _logs.Of(85).Single();
        failure.Message.Should().Contain("1 of 2").And.Contain("the menu");
        failure.Exception!.Message.Should().Be("down");
    }

    [Fact]
    public async Task A_setting_that_cannot_be_stops_the_start_and_leaves_nothing_behind()
    {
        await using ServiceProvider wrongInterval = Container(options => options.Refresh(Own(OwnFunction.Counting()), "5m").Refresh(Own(OwnFunction.Counting()), "soon"));
        await using ServiceProvider wrongNumber = Container(options =>
        {
            options.MaxConcurrency = 0;
            options.Warm(Own(OwnFunction.Counting()));
        });

        await FluentActions.Awaiting(() => wrongInterval.GetServices<IHostedService>().Single().StartAsync(CancellationToken.None)).Should().ThrowAsync<HarborException>();
        await FluentActions.Awaiting(() => wrongNumber.GetServices<IHostedService>().Single().StartAsync(CancellationToken.None)).Should().ThrowAsync<HarborException>();

        wrongInterval.GetRequiredService<FastClient>().Cache.Schedules.Should().BeEmpty();
    }
}
