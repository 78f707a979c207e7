using System.Collections.Concurrent;
using HarborClient.Testing;

namespace HarborClient.Tests.Pipeline;

// Timers are used again by later attempts, and a callback of theirs may come at any moment.
public sealed class LateTimerTests
{
    [Fact]
    public async Task A_callback_that_comes_late_disturbs_no_later_call_and_throws_nothing()
    {
        const int calls = 300;
        var time = new RestlessTime();
        var provider = new ProviderEmulator();
        await using EmulatorServer server = await provider.StartAsync();
        await using FastClient client = FastClient.Create(builder => builder.AddLocal("lab", server.Endpoint).UseDefaultModel("lab/model").UseTimeProvider(time));
        using var stop = new CancellationTokenSource();
        Task<Exception?> firing = Task.Factory.StartNew(() => time.Fire(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        for (int i = 0; i < calls; i++) await client.GetResponseAsync("hi").Guarded();
        await stop.CancelAsync();

        (await firing).Should().BeNull("an exception of a timer's callback ends the process");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    // The system's time, with timers that fire when they are told to, due or not.
    private sealed class RestlessTime : TimeProvider
    {
        private readonly ConcurrentBag<Action> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            return new Deaf();
        }

        public Exception? Fire(CancellationToken until)
        {
            try
            {
                while (!until.IsCancellationRequested)
                {
                    foreach (Action timer in _timers) timer();
                }

                return null;
            }
            catch (Exception e)
            {
                return e;
            }
        }

        private sealed class Deaf : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
