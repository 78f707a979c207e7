namespace HarborClient.Costs;

/// <summary>What token prices are multiplied by where a request is worked on in a region (<c>us</c>, <c>eu</c>), or in a service tier that has no rates of its own (<c>fast</c>).</summary>
/// <param name="Name">The region or tier.</param>
/// <param name="Value">The factor.</param>
internal sealed record RateFactor(string Name, decimal Value);
