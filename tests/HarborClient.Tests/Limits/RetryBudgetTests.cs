using HarborClient.Limits;
using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

public sealed class RetryBudgetTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void It_starts_with_a_reserve_of_ten()
    {
        Take(new RetryBudget(_time), 1000).Should().Be(10);
    }

    [Fact]
    public void Ten_calls_pay_for_one_more()
    {
        var budget = new RetryBudget(_time);
        Take(budget, 10);

        for (int i = 0; i < 9; i++) budget.OnFirstAsk();
        budget.TryTake().Should().BeFalse();
        budget.OnFirstAsk();

        Take(budget, 10).Should().Be(1);
    }

    [Fact]
    public void Every_ten_seconds_give_one_back_up_to_the_reserve()
    {
        var budget = new RetryBudget(_time);
        Take(budget, 10);

        _time.Advance(TimeSpan.FromSeconds(9.9));
        budget.TryTake().Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Take(budget, 10).Should().Be(1);
        _time.Advance(TimeSpan.FromHours(1));

        Take(budget, 1000).Should().Be(10);
    }

    [Fact]
    public void Asking_often_earns_no_less_than_asking_seldom()
    {
        var budget = new RetryBudget(_time);
        Take(budget, 10);
        int taken = 0;

        for (int i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(7));
            taken += Take(budget, 1);
        }

        taken.Should().BeInRange(6, 7, "70 s passed");
    }

    [Fact]
    public void Saved_calls_pay_for_a_burst_but_not_for_a_storm()
    {
        var budget = new RetryBudget(_time);

        for (int i = 0; i < 100_000; i++) budget.OnFirstAsk();

        Take(budget, 100_000).Should().Be(100);
    }

    [Fact]
    public void Extra_attempts_stay_under_a_tenth_of_the_calls_and_the_reserve_and_one_in_ten_seconds()
    {
        var budget = new RetryBudget(_time);
        var random = new Random(7);
        int calls = 0;
        int taken = 0;

        for (int second = 0; second < 600; second++)
        {
            for (int i = random.Next(40); i > 0; i--)
            {
                calls++;
                budget.OnFirstAsk();
                taken += Take(budget, 3);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
            taken.Should().BeLessThanOrEqualTo((int)((calls * 0.1) + 10 + ((second + 1) / 10.0)));
        }

        taken.Should().BeGreaterThan(calls / 10, "what is there may be used");
        budget.Taken.Should().Be(taken);
    }

    private static int Take(RetryBudget budget, int times)
    {
        int taken = 0;
        for (int i = 0; i < times; i++) taken += budget.TryTake() ? 1 : 0;
        return taken;
    }
}
