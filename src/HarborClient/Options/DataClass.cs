namespace HarborClient;

/// <summary>How sensitive the content of a call is. By itself a label: <see cref="HarborBuilder.KeepLocal"/> says from which class on calls stay on one's own hosts.</summary>
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
