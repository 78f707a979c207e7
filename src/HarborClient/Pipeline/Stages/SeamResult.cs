namespace HarborClient.Pipeline.Stages;

/// <summary>How a piece of a new answer relates to what the caller already has.</summary>
internal enum SeamResult
{
    /// <summary>The caller has it already.</summary>
    Repeated,

    /// <summary>It goes on beyond what the caller has, wholly or in part.</summary>
    Beyond,

    /// <summary>It says something else.</summary>
    Different,
}
