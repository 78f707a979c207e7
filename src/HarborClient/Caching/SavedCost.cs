namespace HarborClient.Caching;

/// <summary>What a kept answer would cost, for as long as its price is not looked up again. Immutable.</summary>
/// <param name="Edition">The prices it was reckoned with.</param>
/// <param name="Until">When it is reckoned anew; a timestamp of the client's clock.</param>
/// <param name="Cost">Null where it is not known.</param>
internal sealed record SavedCost(object? Edition, long Until, Money? Cost);
