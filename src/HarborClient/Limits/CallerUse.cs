namespace HarborClient.Limits;

/// <summary>What one call takes of one caller: of its user, or of its tenant.</summary>
internal sealed class CallerUse(CallerKind kind, string name, CallerState state)
{
    internal CallerKind Kind => kind;

    internal string Name => name;

    internal CallerState State => state;

    /// <summary>Whether the exchange counted it, too.</summary>
    internal bool IsShared { get; set; }

    /// <summary>The place held, or perhaps held, at the exchange.</summary>
    internal LimitSlot? Slot { get; set; }
}
