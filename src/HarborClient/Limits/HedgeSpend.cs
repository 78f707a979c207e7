namespace HarborClient.Limits;

/// <summary>What a call or a hedge costs.</summary>
/// <param name="Tokens">Counted or estimated.</param>
/// <param name="NanoUsd">Null where it is not known.</param>
internal readonly record struct HedgeSpend(double Tokens, double? NanoUsd);
