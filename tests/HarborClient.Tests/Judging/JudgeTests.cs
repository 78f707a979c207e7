using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;

namespace HarborClient.Tests.Judging;

// What the benchmarks say about a figure, and what their exit code is.
public sealed class JudgeTests
{
    private static readonly Promise Speed = new("updates per second", 1_000_000, Tolerance.Speed, "/s", AtLeast: true);
    private static readonly Promise Ratio = new("CPU over bare", 2, Tolerance.Processor, "x");

    private readonly List<string> _lines = [];

    [Fact]
    public void A_slow_machine_breaks_no_absolute_speed_where_the_judge_is_lenient()
    {
        var judge = new Judge(_lines.Add, isLenient: true);

        judge.Hold(Speed, [Samples.Of(100_000)]);

        judge.Conclude().Should().Be(0);
        _lines[0].Should().StartWith("UNCLEAR").And.Contain("100,000 /s (≥ 1,000,000 /s)").And.Contain("an absolute speed is the machine's");
    }

    [Fact]
    public void An_absolute_speed_is_judged_where_the_judge_is_not_lenient()
    {
        var judge = new Judge(_lines.Add);

        judge.Hold(Speed, 583_729);

        judge.Conclude().Should().Be(1);
        _lines[0].Should().Be("BROKEN    updates per second: 583,729 /s (≥ 1,000,000 /s)");
    }

    [Fact]
    public void A_ratio_is_broken_on_a_slow_machine_too()
    {
        var judge = new Judge(_lines.Add, isLenient: true);

        judge.Hold(Ratio, 3.1);

        judge.Conclude().Should().Be(1);
    }

    [Theory]
    [InlineData(2.0, "kept")]
    [InlineData(2.05, "UNCLEAR")]
    [InlineData(2.2, "BROKEN")]
    [InlineData(double.NaN, "BROKEN")]
    public void Only_what_is_within_the_bar_is_kept_and_what_was_not_measured_is_broken(double figure, string verdict)
    {
        new Judge(_lines.Add).Hold(Ratio, figure);

        _lines[0].Should().StartWith(verdict);
    }

    [Fact]
    public void What_was_not_measured_is_broken_for_a_speed_too()
    {
        new Judge(_lines.Add, isLenient: true).Hold(Speed, double.NaN);

        _lines[0].Should().StartWith("BROKEN").And.Contain("not measured");
    }
}
