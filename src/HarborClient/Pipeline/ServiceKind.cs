namespace HarborClient.Pipeline;

/// <summary>The services that a provider can have beside chat and embeddings.</summary>
internal enum ServiceKind
{
    /// <summary>Whatever the caller's JSON means.</summary>
    Own,

    /// <summary>Images for a prompt, at once.</summary>
    Image,

    /// <summary>A video for a prompt, as a job.</summary>
    Video,

    /// <summary>An answer to messages, as a job.</summary>
    Chat,
}
