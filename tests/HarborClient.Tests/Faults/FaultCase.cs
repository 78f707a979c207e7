using HarborClient.Testing;

namespace HarborClient.Tests.Faults;

// One line of the fault matrix: what the primary "a" does, what the fallback "b" does, and what has to come of it.
internal sealed class FaultCase(string name, Func<EmulatedAttempt, EmulatedReply?> primary)
{
    private readonly List<FaultExpectation> _expectations = [];

    public string Name { get; } = name;

    // Null from a rule = healthy.
    public Func<EmulatedAttempt, EmulatedReply?> Primary { get; } = primary;

    public Func<EmulatedAttempt, EmulatedReply?> Fallback { get; private set; } = _ => null;

    public bool HasFallback { get; private set; } = true;

    public int Keys { get; private set; } = 1;

    // What else has to be true, of the answer or the error.
    public Action<FaultRun>? AlsoCheck { get; private set; }

    public IReadOnlyList<FaultExpectation> Expectations => _expectations;

    public FaultCase Alone()
    {
        HasFallback = false;
        return this;
    }

    public FaultCase WithKeys(int count)
    {
        Keys = count;
        return this;
    }

    public FaultCase FallingBackTo(Func<EmulatedAttempt, EmulatedReply?> fallback)
    {
        Fallback = fallback;
        return this;
    }

    public FaultCase Check(Action<FaultRun> check)
    {
        AlsoCheck = check;
        return this;
    }

    public FaultCase Expect(FaultModes modes, FaultWays ways, string got, string a, string b = "", string? took = null)
    {
        _expectations.Add(FaultExpectation.Of(modes, ways, got, a, b, took));
        return this;
    }

    public FaultExpectation Of(PerformanceMode mode, FaultWays way) =>
        _expectations.Single(expectation => expectation.Modes.HasFlag(Flag(mode)) && expectation.Ways.HasFlag(way));

    public static FaultModes Flag(PerformanceMode mode) => mode switch
    {
        PerformanceMode.Fast => FaultModes.Fast,
        PerformanceMode.Balanced => FaultModes.Balanced,
        _ => FaultModes.Full,
    };

    public override string ToString() => Name;
}
