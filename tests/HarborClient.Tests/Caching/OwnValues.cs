using System.Text.Json.Serialization;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// A user's own value that can be changed by whoever has it.
internal sealed class Basket
{
    public List<string> Items { get; set; } = [];
}

// One that cannot be read as a basket.
internal sealed record Weight([property: JsonRequired] int Grams);

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Basket))]
[JsonSerializable(typeof(Weight))]
internal sealed partial class OwnJson : JsonSerializerContext;

// A user's function that a test holds back, lets end or fail, and counts.
internal sealed class OwnFunction
{
    private readonly TaskCompletionSource<string> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public CancellationToken Token { get; private set; }

    // Signal: it runs.
    public Task Started => _started.Task.Guarded();

    public async ValueTask<string> RunAsync(CancellationToken token)
    {
        Interlocked.Increment(ref _runs);
        Token = token;
        _started.TrySetResult();
        return await _end.Task.WaitAsync(token);
    }

    public void End(string value) => _end.SetResult(value);

    public void Fail(Exception error) => _end.SetException(error);

    // As a function of nothing that says at once how often it ran.
    public static Func<CancellationToken, ValueTask<string>> Counting(Action<int>? ran = null)
    {
        int runs = 0;
        return _ =>
        {
            int run = Interlocked.Increment(ref runs);
            ran?.Invoke(run);
            return new ValueTask<string>($"value {run}");
        };
    }
}

internal static class OwnClients
{
    public static FastClient Create(ManualTimeProvider time, Action<HarborBuilder>? configure = null, PerformanceMode mode = PerformanceMode.Balanced) =>
        TestClients.OpenAI(new ProviderEmulator(time), time, mode, configure);

    public static FastClient Over(ManualTimeProvider time, ScriptedLevel level, Action<HarborBuilder>? configure = null) => Create(time, builder =>
    {
        builder.UseCacheLevel(() => level);
        configure?.Invoke(builder);
    });
}
