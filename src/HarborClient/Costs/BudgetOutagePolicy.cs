namespace HarborClient;

/// <summary>What calls in a hard budget do while the store of shared budgets does not answer.</summary>
public enum BudgetOutagePolicy
{
    /// <summary>They are refused as soon as the store has failed once. The cap holds.</summary>
    Refuse,

    /// <summary>They spend what their process has leased, until the lease ends, and are refused then. The cap holds.</summary>
    ContinueOnLease,

    /// <summary>They go on: each process keeps the limit by itself, counting what the others had spent when they were last heard of. Together they may spend more than the limit.</summary>
    Open,
}
