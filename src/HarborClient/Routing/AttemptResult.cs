namespace HarborClient.Routing;

/// <summary>What an attempt says of the host it went to.</summary>
internal enum AttemptResult
{
    /// <summary>Nothing: it was cancelled, refused as a request, or told to come back later.</summary>
    Nothing,

    /// <summary>It answers.</summary>
    Answered,

    /// <summary>It failed: no connection, no answer in time, a broken one, or an error of its own.</summary>
    Failed,
}
