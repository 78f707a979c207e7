using System.Diagnostics;
using System.Reflection;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Telemetry;

// What telemetry costs when nobody listens: nothing.
[Collection(TelemetryCollection.Name)]
public sealed class SilenceTests
{
    private const int Rounds = 1000;

    [Theory]
    [InlineData(PerformanceMode.Fast)]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task The_telemetry_stage_allocates_nothing_when_nobody_listens(PerformanceMode mode) => (await AllocatedByStagesAsync(mode)).Should().Be(0);

    [Fact]
    public async Task This_measurement_notices_a_stage_that_allocates()
    {
        using var metrics = new MetricRecorder();

        (await AllocatedByStagesAsync(PerformanceMode.Fast)).Should().BePositive();
    }

    [Fact]
    public async Task An_attempt_registers_only_what_it_holds_when_nobody_listens()
    {
        object? registered = null;
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h.AddStage(StageScope.Attempt, next => new OpenedProbe(next, attempt => registered = Registered(attempt))));

        await client.AskAsync();

        // What is registered shows nowhere in public, and a list of several is what costs.
        registered.Should().BeAssignableTo<ICallCompletion>().Which.GetType().Name.Should().Be("AnswerResources");
    }

    private static object? Registered(Call attempt) => typeof(Call).GetField("_completions", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(attempt);

    /// <summary>Sends one call again and again through the stages outside a stage of ours that answers at once: Telemetry and Deadline, and StreamUpstream.</summary>
    private static async Task<long> AllocatedByStagesAsync(PerformanceMode mode)
    {
        Activity.Current = null;
        var loop = new LoopStage();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h.UseMode(mode).AddStage(StageScope.Call, next => loop.Around(next)));

        // The chains are private, and nothing public enters one without allocating a call first.
        var chains = (PipelineStage[])typeof(FastClient).GetField("_pipelines", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(client)!;
        loop.Outermost = chains[(int)mode];
        await client.AskAsync();
        return loop.Allocated;
    }

    private sealed class LoopStage
    {
        public PipelineStage? Outermost { get; set; }

        public long Allocated { get; private set; } = -1;

        private bool IsInLoop { get; set; }

        public PipelineStage Around(PipelineStage next) => new Stage(next, this);

        private void Measure(Call call)
        {
            IsInLoop = true;
            Run(call);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(call);
            Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            IsInLoop = false;
        }

        private void Run(Call call)
        {
            for (int i = 0; i < Rounds; i++)
            {
                ValueTask<UpdateReader> opened = Outermost!.OpenAsync(call);
                if (!opened.IsCompletedSuccessfully) throw new InvalidOperationException("Our stage answers at once.");
            }
        }

        private sealed class Stage(PipelineStage next, LoopStage loop) : PipelineStage(next)
        {
            public override ValueTask<UpdateReader> OpenAsync(Call call)
            {
                if (loop.IsInLoop) return new ValueTask<UpdateReader>((UpdateReader)null!);
                loop.Measure(call);
                return Next.OpenAsync(call);
            }
        }
    }

    // Looks at an attempt whose answer has begun.
    private sealed class OpenedProbe(PipelineStage next, Action<Call> look) : PipelineStage(next)
    {
        public override async ValueTask<UpdateReader> OpenAsync(Call call)
        {
            UpdateReader reader = await Next.OpenAsync(call);
            look(call);
            return reader;
        }
    }
}
