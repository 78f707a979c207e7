namespace HarborClient.Testing;

/// <summary>How one request to the emulator ended.</summary>
public enum AttemptOutcome
{
    /// <summary>Not ended yet.</summary>
    InProgress,

    /// <summary>The whole reply was sent, and in memory also read.</summary>
    Completed,

    /// <summary>The client went away first: it cancelled, or disposed the response before its end.</summary>
    ClientClosed,

    /// <summary>The script broke the connection.</summary>
    Reset,

    /// <summary>The script ended the body early but cleanly.</summary>
    Cut,
}
