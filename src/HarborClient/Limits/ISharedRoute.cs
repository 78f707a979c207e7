namespace HarborClient.Limits;

/// <summary>A credential at its provider, as several processes share it. Called by <see cref="LimitSharing"/> only, one call at a time.</summary>
internal interface ISharedRoute
{
    /// <summary>The same in every process that uses the credential, and not the credential itself.</summary>
    string Name { get; }

    /// <summary>Whether it was used since it was last asked: who is idle takes no part of what there is. A new one counts as used.</summary>
    bool TakeUse();

    /// <summary>What this process allows itself now.</summary>
    LimitShare Publish();

    /// <summary>The mean over all processes, this one included.</summary>
    void Nudge(LimitShare mean);

    /// <summary>What was taken from each rate since it was last asked; empty while no rate is known.</summary>
    IReadOnlyList<BucketAmount> TakeSpent();

    /// <summary>What all processes together have left of the bucket at a position of the list before; it is told again after a time.</summary>
    void Allot(int position, long left, TimeSpan untilNext);
}
