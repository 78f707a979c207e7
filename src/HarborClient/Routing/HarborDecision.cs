using System.Globalization;

namespace HarborClient;

/// <summary>One step of a call's way to its answer: who was considered, passed over, asked, waited for, and why. Immutable.</summary>
/// <remarks>With the same clock, the same random seed (<c>UseRandomSeed</c>) and the same hosts, a call decides the same again.</remarks>
public sealed class HarborDecision
{
    internal HarborDecision(DecisionKind kind, TimeSpan at, string? target, string reason, TimeSpan? wait = null, ErrorKind? error = null, int? attempt = null)
    {
        Kind = kind;
        At = at;
        Target = target;
        Reason = reason;
        Wait = wait;
        Error = error;
        Attempt = attempt;
    }

    /// <summary>What was decided.</summary>
    public DecisionKind Kind { get; }

    /// <summary>When, since the start of the call.</summary>
    public TimeSpan At { get; }

    /// <summary>The target it is about, as in <c>openai/gpt-4o-mini</c>; <see langword="null"/> when it is about all.</summary>
    public string? Target { get; }

    /// <summary>Why, for a person to read.</summary>
    public string Reason { get; }

    /// <summary>How long was waited because of it.</summary>
    public TimeSpan? Wait { get; }

    /// <summary>The error that led to it.</summary>
    public ErrorKind? Error { get; }

    /// <summary>The <see cref="HarborAttempt.Number"/> of the attempt it is about.</summary>
    public int? Attempt { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"+{At.TotalSeconds:0.000} s {Kind}{(Target is null ? "" : " " + Target)}: {Reason}{(Wait is { } wait ? $" (wait {wait.TotalSeconds:0.###} s)" : "")}");
}
