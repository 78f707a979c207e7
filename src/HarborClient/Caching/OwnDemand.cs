namespace HarborClient.Caching;

/// <summary>What who asks for a user's own value is content with.</summary>
internal enum OwnDemand
{
    /// <summary>Whatever is kept and has not expired.</summary>
    Kept,

    /// <summary>What another process may have made anew already, in the levels below.</summary>
    NotDue,

    /// <summary>What the function makes now.</summary>
    New,
}
