namespace HarborClient;

/// <summary>How sensitive the content of a call is. A label: no rule looks at it yet, so it keeps nothing from any target; <see cref="HarborChatOptions.AllowedTargets"/> does.</summary>
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
