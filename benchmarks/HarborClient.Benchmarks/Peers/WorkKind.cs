namespace HarborClient.Benchmarks.Peers;

/// <summary>What a caller does.</summary>
internal enum WorkKind
{
    /// <summary>A question, a whole answer.</summary>
    Plain,

    /// <summary>A question, an answer as it comes.</summary>
    Stream,

    /// <summary>A long conversation with tools, a whole answer.</summary>
    Agent,

    /// <summary>A picture, a whole answer.</summary>
    Image,
}
