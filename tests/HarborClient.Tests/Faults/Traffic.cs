using HarborClient.Testing;

namespace HarborClient.Tests.Faults;

// One call of a load: when it began, how long it took, who answered it or what went wrong.
internal sealed record TrafficCall(TimeSpan Began, TimeSpan Took, string? Host, HarborException? Error);

// Calls that begin at given times of a virtual clock, and what became of them.
internal sealed class Traffic(ManualTimeProvider time, FastClient client)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly List<Task<TrafficCall>> _calls = [];

    // One call every so often for so long; ends when the last has ended.
    public async Task<List<TrafficCall>> SteadyAsync(TimeSpan duration, TimeSpan every, Func<FastClient, Task<ChatResponse>> call)
    {
        for (TimeSpan elapsed = TimeSpan.Zero; elapsed < duration; elapsed += every)
        {
            _calls.Add(CallAsync(call));
            await time.AdvanceUntil(Task.Delay(every, time));
        }

        return await AllAsync();
    }

    // So many calls at once.
    public Task<List<TrafficCall>> BurstAsync(int count, Func<FastClient, Task<ChatResponse>> call)
    {
        for (int i = 0; i < count; i++) _calls.Add(CallAsync(call));
        return AllAsync();
    }

    private async Task<List<TrafficCall>> AllAsync()
    {
        Task<TrafficCall[]> all = Task.WhenAll(_calls);
        await time.AdvanceUntil(all);
        return [.. await all];
    }

    private async Task<TrafficCall> CallAsync(Func<FastClient, Task<ChatResponse>> call)
    {
        TimeSpan began = time.GetUtcNow() - _start;
        try
        {
            ChatResponse answer = await call(client).ConfigureAwait(false);
            return new TrafficCall(began, time.GetUtcNow() - _start - began, answer.GetHarborInfo().Provider, null);
        }
        catch (HarborException e)
        {
            return new TrafficCall(began, time.GetUtcNow() - _start - began, null, e);
        }
    }
}
