namespace HarborClient;

/// <summary>Whether a function may run; see <see cref="ToolInvocationOptions.UseApproval"/>. The default value is a refusal.</summary>
public readonly record struct ToolApproval
{
    private ToolApproval(bool isGranted, string? reason)
    {
        IsGranted = isGranted;
        Reason = reason;
    }

    /// <summary>The function may run.</summary>
    public static ToolApproval Granted { get; } = new(true, null);

    /// <summary>Whether the function may run.</summary>
    public bool IsGranted { get; }

    /// <summary>Why not, for the model.</summary>
    public string? Reason { get; }

    /// <summary>The function must not run.</summary>
    /// <param name="reason">Told to the model.</param>
    /// <returns>A refusal.</returns>
    public static ToolApproval Denied(string? reason = null) => new(false, reason);
}
