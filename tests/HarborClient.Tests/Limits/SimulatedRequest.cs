using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

internal sealed class SimulatedRequest
{
    // What the limiter holds for it; other schemes do not use it.
    public Permit Permit;

    public required long InputTokens { get; init; }

    public required long OutputTokens { get; init; }

    // How far the estimate of the tokens is off, and how slow the host is today.
    public required double EstimateFactor { get; init; }

    public required double LatencyFactor { get; init; }

    public required int Client { get; set; }

    public double ArrivedAt { get; set; }

    public double SentAt { get; set; }

    public int Refusals { get; set; }

    // A quarter of a second, and the prompt at about 6,700 tokens a second.
    public double PrefillSeconds => (0.25 + (0.00015 * InputTokens)) * LatencyFactor;

    // 15 ms a token.
    public double DecodeSeconds => 0.015 * OutputTokens;
}
