namespace HarborClient;

/// <summary>How sensitive the content of a call is. Rules decide from it where the content may go.</summary>
public enum DataClass
{
    /// <summary>May go anywhere.</summary>
    Public,

    /// <summary>Of the organisation.</summary>
    Internal,

    /// <summary>Of few people in the organisation.</summary>
    Confidential,

    /// <summary>The strictest class.</summary>
    Restricted,
}
