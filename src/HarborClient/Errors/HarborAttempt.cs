using System.Net;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>One try of a call at one target. Immutable.</summary>
public sealed class HarborAttempt
{
    private static readonly TimeSpan None = TimeSpan.FromTicks(-1);

    // A nullable time would be twice as large.
    private readonly TimeSpan _firstUpdate = None;

    /// <summary>1 for the first attempt of the call; with tools, counted through all its iterations.</summary>
    public required int Number { get; init; }

    /// <summary>The registered name of the provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model asked for at that provider.</summary>
    public required string Model { get; init; }

    /// <summary>From the start of the attempt to its end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>From the start of the attempt to its first update; <see langword="null"/> when none came.</summary>
    public TimeSpan? TimeToFirstUpdate
    {
        get => _firstUpdate < TimeSpan.Zero ? null : _firstUpdate;
        init => _firstUpdate = value ?? None;
    }

    /// <summary>Why it failed; <see langword="null"/> when it did not.</summary>
    public ErrorKind? Error { get; init; }

    /// <summary>Whether it was cancelled because an attempt that ran beside it decided the call first; see <see cref="HarborBuilder.UseHedging"/>.</summary>
    /// <remarks>It has no <see cref="Error"/> then. Its prompt was sent, and most providers charge for that.</remarks>
    public bool IsOvertaken { get; init; }

    /// <summary>The status of the HTTP answer, when there was one.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The provider's id of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>The token counts that the host reported for this attempt, whatever became of it; <see langword="null"/> when it reported none.</summary>
    /// <value>As far as they had come: Claude counts the prompt at the start of a stream, Gemini as it goes, OpenAI only at the end.</value>
    /// <remarks>
    /// <see langword="null"/> does not mean that nothing was used: <see cref="Cost"/> reckons with what was not reported. The answer's own usage is that of the
    /// attempt that answered, or of all that <see cref="MidStreamPolicy.Continue"/> joined.
    /// </remarks>
    public UsageDetails? Usage { get; init; }

    /// <summary>What the attempt cost its caller: its share, where its request was shared with others; <see langword="null"/> where its model has no known price, never zero for that reason.</summary>
    public Money? Cost { get; init; }

    /// <summary>Whether the cost is an estimate, because the host did not say what was used, as of a stream that was left before its end.</summary>
    public bool IsCostEstimated { get; init; }

    /// <summary>The same attempt with another number, where the attempts of several calls are told as one list.</summary>
    internal HarborAttempt Numbered(int number) => Told(number, Cost);

    /// <summary>The same attempt as one of those tells it who shared its request: with a share of what it cost.</summary>
    internal HarborAttempt WithShare(Money? share) => Told(Number, share);

    private HarborAttempt Told(int number, Money? cost) => new()
    {
        Number = number,
        Provider = Provider,
        Model = Model,
        Duration = Duration,
        TimeToFirstUpdate = TimeToFirstUpdate,
        Error = Error,
        StatusCode = StatusCode,
        RequestId = RequestId,
        IsOvertaken = IsOvertaken,
        Usage = Usage,
        Cost = cost,
        IsCostEstimated = IsCostEstimated,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"#{Number} {Provider}/{Model} {(Error is { } kind ? kind.ToString() : IsOvertaken ? "overtaken" : "ok")} {Duration.TotalMilliseconds:F0} ms";
}
