namespace HarborClient.Limits;

/// <summary>What processes that share a credential tell one another every two seconds.</summary>
/// <param name="Limit">Requests in flight that this one allows itself.</param>
/// <param name="Maximum">The limit at which it was last refused or queued; 0 before.</param>
internal readonly record struct Published(double Limit, double Maximum);
