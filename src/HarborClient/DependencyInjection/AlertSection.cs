namespace HarborClient.DependencyInjection;

/// <summary>The Alerts section; what it leaves out stays as code set it.</summary>
internal sealed class AlertSection
{
    public decimal? ExpensiveFrom { get; set; }

    public decimal? UnusualFrom { get; set; }

    public Uri? Webhook { get; set; }

    public string? WebhookSecret { get; set; }

    internal void ApplyTo(AlertOptions options)
    {
        options.ExpensiveFrom = ExpensiveFrom ?? options.ExpensiveFrom;
        options.UnusualFrom = UnusualFrom ?? options.UnusualFrom;
        options.Webhook = Webhook ?? options.Webhook;
        options.WebhookSecret = WebhookSecret ?? options.WebhookSecret;
    }
}
