using HarborClient.Testing;

namespace HarborClient.Tests.Face;

public sealed class DescribeTests
{
    public static TheoryData<PerformanceMode, string[]> Recipes => new()
    {
        { PerformanceMode.Fast, ["Telemetry (metrics)", "Deadline", "Failover", "Send"] },
        { PerformanceMode.Balanced, ["Telemetry", "Deadline", "Cache", "Coalesce", "Failover", "Retry", "Limit", "Send"] },
        { PerformanceMode.Full, ["Telemetry", "Deadline", "StreamUpstream", "Cache", "Coalesce", "Failover", "Retry", "Limit", "Send"] },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public async Task A_mode_is_exactly_these_stages(PerformanceMode mode, string[] stages)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());

        PipelineDescription description = client.Describe(mode);

        description.Mode.Should().Be(mode);
        description.Stages.Should().Equal(stages);
        description.ToString().Should().Be($"{mode}: {string.Join(" → ", stages)}");
    }

    [Fact]
    public async Task Stages_of_ones_own_stand_in_their_scope_in_every_mode_the_first_added_outermost()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h
            .AddStage(StageScope.Attempt, next => new AuditStage(next))
            .AddStage(StageScope.Call, next => new OuterStage(next))
            .AddStage(StageScope.Call, next => new Inner(next)));

        client.Describe(PerformanceMode.Fast).Stages.Should().Equal("Telemetry (metrics)", "Deadline", "Outer", "Inner", "Failover", "Audit", "Send");
        client.Describe(PerformanceMode.Balanced).Stages.Should().Equal("Telemetry", "Deadline", "Outer", "Inner", "Cache", "Coalesce", "Failover", "Retry", "Audit", "Limit", "Send");
        client.Describe(PerformanceMode.Full).Stages.Should().Equal("Telemetry", "Deadline", "StreamUpstream", "Outer", "Inner", "Cache", "Coalesce", "Failover", "Retry", "Audit", "Limit", "Send");
    }

    [Fact]
    public async Task Plain_calls_are_streamed_upstream_in_the_full_mode_only()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>()) await client.AskAsync(options: new HarborChatOptions { Mode = mode });

        provider.Attempts.Select(attempt => attempt.IsStreaming).Should().Equal(false, false, true);
    }

    [Fact]
    public async Task A_mode_that_does_not_exist_is_refused()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());

        client.Invoking(c => c.Describe((PerformanceMode)3)).Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.InvalidRequest);
    }

    private sealed class AuditStage(PipelineStage next) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) => Next.OpenAsync(call);
    }

    private sealed class OuterStage(PipelineStage next) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) => Next.OpenAsync(call);
    }

    private sealed class Inner(PipelineStage next) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) => Next.OpenAsync(call);
    }
}
