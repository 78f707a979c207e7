namespace HarborClient;

/// <summary>What a call asks for. All operations run through the same stages.</summary>
public enum CallOperation
{
    /// <summary>An answer to messages.</summary>
    Chat,

    /// <summary>Vectors for texts.</summary>
    Embed,

    /// <summary>The number of tokens of messages.</summary>
    CountTokens,

    /// <summary>A service's own JSON (<see cref="FastClient.InvokeAsync"/>).</summary>
    Invoke,

    /// <summary>Images for a prompt.</summary>
    Image,

    /// <summary>The start of a long job, or a look at how it is getting on.</summary>
    Job,
}
