namespace HarborClient;

/// <summary>The limit of requests in flight that a process keeps at a credential, or the mean of those of all processes.</summary>
/// <param name="Limit">Requests in flight that it allows itself.</param>
/// <param name="Maximum">The limit at which the host last refused or queued; 0 before it has. In a mean 0 stands for those who do not know it.</param>
/// <param name="Processes">How many processes it speaks for.</param>
public readonly record struct LimitShare(double Limit, double Maximum, int Processes = 1);
