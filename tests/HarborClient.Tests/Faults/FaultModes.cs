namespace HarborClient.Tests.Faults;

// The modes that an expectation is for.
[Flags]
internal enum FaultModes
{
    Fast = 1,
    Balanced = 2,
    Full = 4,
    Retrying = Balanced | Full,
    PlainIsWhole = Fast | Balanced,
    Every = Fast | Balanced | Full,
}

// The ways of calling that an expectation is for.
[Flags]
internal enum FaultWays
{
    Plain = 1,
    Streamed = 2,
    Any = Plain | Streamed,

    // A stream with MidStreamPolicy.Restart.
    Restart = 4,

    // A stream with MidStreamPolicy.Continue, between hosts that continue answers.
    Continue = 8,
}
