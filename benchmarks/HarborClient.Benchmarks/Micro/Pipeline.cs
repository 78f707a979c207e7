using BenchmarkDotNet.Attributes;

namespace HarborClient.Benchmarks.Micro;

/// <summary>Opening and settling a call, per mode: a stage that answers by itself stands where the attempt would be, so nothing is written, sent or read.</summary>
public class Pipeline
{
    private readonly ChatMessage[] _messages = [new(ChatRole.User, "hi")];
    private readonly HarborChatOptions _fast = new() { Mode = PerformanceMode.Fast };
    private readonly HarborChatOptions _balanced = new() { Mode = PerformanceMode.Balanced };
    private readonly HarborChatOptions _full = new() { Mode = PerformanceMode.Full };
    private FastClient _client = null!;

    [GlobalSetup]
    public void SetUp() => _client = FastClient.Create(h => h
        .AddOpenAI("key")
        .UseDefaultModel("openai/gpt-4o-mini")
        .AddStage(StageScope.Attempt, next => new AnsweringStage(next)));

    [GlobalCleanup]
    public void CleanUp() => _client.Dispose();

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Fast() => _client.GetResponseAsync(_messages, _fast);

    [Benchmark]
    public Task<ChatResponse> Balanced() => _client.GetResponseAsync(_messages, _balanced);

    [Benchmark]
    public Task<ChatResponse> Full() => _client.GetResponseAsync(_messages, _full);
}
