namespace HarborClient;

/// <summary>How a long job stands.</summary>
public enum JobStatus
{
    /// <summary>It waits or works; so is every state that the client does not know.</summary>
    Running,

    /// <summary>Its result can be fetched.</summary>
    Succeeded,

    /// <summary>It will have no result.</summary>
    Failed,
}
