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
}
