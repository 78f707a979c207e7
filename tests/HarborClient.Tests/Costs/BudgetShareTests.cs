using HarborClient.Costs;
using HarborClient.Testing;

namespace HarborClient.Tests.Costs;

// The arithmetic of leases, in any order of events: claims and answers that come late, twice or never, and processes that end in between.
public sealed class BudgetShareTests
{
    private const int Seeds = 1_000;
    private const int Steps = 800;
    private const int Processes = 8;
    private const long Limit = 1_000_000_000;

    [Fact]
    public void No_order_of_events_spends_more_than_the_limit()
    {
        long spent = 0, calls = 0, claims = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var time = new ManualTimeProvider();
            var store = new MemoryBudgetStore(time);
            var late = new List<BudgetClaim>();
            BudgetOutagePolicy outage = seed % 4 < 2 ? BudgetOutagePolicy.Refuse : BudgetOutagePolicy.ContinueOnLease;
            Process[] processes = [.. Enumerable.Range(0, Processes).Select(i => new Process(new BudgetSharingOptions { Outage = outage }, $"p{i}", time))];
            for (int step = 0; step < Steps; step++)
            {
                // Each of them is killed at some time in some of the runs.
                int one = random.Next(Processes);
                if (!(seed % 2 == 0 && one % 2 == 0 && step > Steps / 2)) Do(random, processes[one], store, late);
                if (late.Count > 0 && random.Next(10) == 0) store.Apply(late[random.Next(late.Count)]);
                if (random.Next(4) == 0) time.Advance(TimeSpan.FromMilliseconds(random.Next(3_000)));

                long touched = processes.Sum(process => process.Touched);
                if (touched > store.Leased || store.Leased > Limit) Assert.Fail($"Seed {seed}, step {step}: {touched} are spent and reserved, {store.Leased} leased.");
            }

            spent += processes.Sum(process => process.Spent);
            calls += processes.Sum(process => process.Calls);
            claims += processes.Sum(process => process.Claims);
        }

        (spent / (double)Seeds).Should().BeGreaterThan(Limit / 5.0, "half of what is reserved is spent, half of the processes end early, and half of the claims are lost");
        TestReport.Add($"leases: {Seeds} runs of {Processes} processes, {calls} calls, {claims} claims: at most the limit, {spent / (double)(Seeds * Limit):P0} of it spent on the mean");
    }

    // As on a machine that was put to sleep, whose timers have not run.
    [Fact]
    public void A_lease_ends_when_its_time_is_over_counted_from_before_the_claim()
    {
        var time = new ManualTimeProvider();
        var store = new MemoryBudgetStore(time);
        var process = new Process(new BudgetSharingOptions { Outage = BudgetOutagePolicy.ContinueOnLease }, "p", time);
        process.Call(1_000_000);
        process.Ask(ClaimReason.More);
        BudgetLease lease = store.Apply(process.Flight!);
        time.Advance(TimeSpan.FromSeconds(10));
        process.Answer(lease);
        time.Advance(TimeSpan.FromSeconds(20) - TimeSpan.FromTicks(1));
        process.Room.Should().BeGreaterThan(1_000_000);

        time.Advance(TimeSpan.FromTicks(1));

        process.Room.Should().Be(0);
        process.Ask(ClaimReason.Beat);
        process.Flight!.Kept.Should().Be(Money.Zero, "nothing was touched, and what is past is not kept");
    }

    private static void Do(Random random, Process process, MemoryBudgetStore store, List<BudgetClaim> late)
    {
        switch (random.Next(8))
        {
            case 0 or 1 or 2:
                process.Call(random.NextInt64(1, 150_000_000));
                break;
            case 3 or 4:
                process.End(random);
                break;
            case 5 when process.Flight is null:
                process.Ask(random.Next(3) switch { 0 => ClaimReason.Beat, 1 => ClaimReason.More, _ => process.Waits ? ClaimReason.More : ClaimReason.Beat });
                break;
            case 6 when process.Flight is { } claim:
                // Heard and answered.
                process.Answer(store.Apply(claim));
                if (random.Next(5) == 0) late.Add(claim);
                break;
            case 7 when process.Flight is { } claim:
                // Lost on its way there, on its way back, or on its way for longer than anybody waits.
                if (random.Next(2) == 0) store.Apply(claim);
                if (random.Next(2) == 0) late.Add(claim);
                process.Lose();
                break;
        }
    }

    // One account of one process, as its account drives it.
    private sealed class Process(BudgetSharingOptions options, string name, TimeProvider time)
    {
        private readonly BudgetShare _share = new(options, name, time);
        private readonly List<long> _holds = [];

        public long Spent { get; private set; }

        public int Calls { get; private set; }

        public int Claims { get; private set; }

        public BudgetClaim? Flight { get; private set; }

        public bool Waits => _share.Needed > 0;

        public long Touched => Spent + _holds.Sum();

        public long Room => _share.Room(Limit, Touched);

        public void Call(long nano)
        {
            if (nano > Room)
            {
                _share.Needed = nano;
                return;
            }

            Calls++;
            _holds.Add(nano);
            _share.Needed = 0;
            _share.OnReserved(_holds.Sum());
        }

        public void End(Random random)
        {
            if (_holds.Count == 0) return;
            int one = random.Next(_holds.Count);
            Spent += random.NextInt64(_holds[one] + 1);
            _holds.RemoveAt(one);
        }

        public void Ask(ClaimReason reason)
        {
            Claims++;
            Flight = _share.Claim(new ClaimSubject("budget", Limit, null, IsHard: true), Spent, _holds.Sum(), reason);
        }

        public void Answer(BudgetLease lease)
        {
            _share.Accept(Flight!, lease, Touched);
            Flight = null;
        }

        public void Lose()
        {
            _share.Fail();
            Flight = null;
        }
    }
}
