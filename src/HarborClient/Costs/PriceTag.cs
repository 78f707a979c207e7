namespace HarborClient.Costs;

/// <summary>The price that a target has in one edition of the book. Immutable.</summary>
/// <param name="Edition">The edition; a target whose tag is of another one is looked up again.</param>
/// <param name="Row">Null where it has none.</param>
internal sealed record PriceTag(PriceEdition Edition, PriceRow? Row);
