namespace HarborClient;

/// <summary>Who goes first when calls have to wait.</summary>
public enum CallPriority
{
    /// <summary>Work that may wait for minutes.</summary>
    Background,

    /// <summary>Bulk work with a deadline of its own.</summary>
    Batch,

    /// <summary>The default.</summary>
    Normal,

    /// <summary>Somebody is watching the screen.</summary>
    Interactive,
}
