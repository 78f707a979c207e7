using HarborClient.Errors;

namespace HarborClient;

/// <summary>What is told of money beyond the thresholds of budgets, and where to. Alerts are events (<see cref="CostReports.Alert"/>) and warnings in the log without this.</summary>
public sealed class AlertOptions
{
    private const int ShortestSecret = 16;

    // A field and not a property: the configuration binder must not try to bind it.
    internal HttpMessageHandler? CallersHandler;

    /// <summary>From which price of output on the first use of a model is told, in US dollars for a million tokens.</summary>
    /// <value>Default <see langword="null"/>: of none; 0 to 1,000,000.</value>
    public decimal? ExpensiveFrom { get; set; }

    /// <summary>
    /// How much must have been spent before it can be unusual, in US dollars: an hour is, of more than three times the mean of the same hour on up to seven days before (three
    /// at least), and a week of more than twice the mean of the four weeks before.
    /// </summary>
    /// <value>Default 1; 0 to 1,000,000. <see langword="null"/> for never; in a configuration, where that means the default, 1,000,000. Hours and weeks, from Monday on, are those of UTC.</value>
    /// <remarks>Looked at as the first call of a new hour ends, on another thread, from what the ledger knows; each hour and each week is told once.</remarks>
    public decimal? UnusualFrom { get; set; } = 1;

    /// <summary>An address to which every alert is posted as JSON.</summary>
    /// <value>Default <see langword="null"/>: none. Absolute, https or a loopback address; its path may be secret, and is not logged.</value>
    /// <remarks>Tried five times, after 1, 2, 4 and 8 s, where there is no answer within 10 s, or one that says it may help (408, 429, 5xx). A hundred alerts wait at most; disposal of the client drops them.</remarks>
    public Uri? Webhook { get; set; }

    /// <summary>
    /// The key of the signature that a post carries in the header <c>X-HarborClient-Signature</c>: <c>t=SECONDS,v1=HEX</c>, the HMAC-SHA256 of <c>SECONDS.BODY</c>, with the seconds since 1970 at which
    /// it was sent.
    /// </summary>
    /// <value>Needed with <see cref="Webhook"/>; at least 16 characters, taken as UTF-8.</value>
    public string? WebhookSecret { get; set; }

    /// <summary>Posts through a handler of the caller's, which stays the caller's.</summary>
    /// <param name="handler">The handler. It must not follow redirects.</param>
    public void UseHandler(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        CallersHandler = handler;
    }

    internal AlertOptions Validated()
    {
        Check(ExpensiveFrom, "Alerts.ExpensiveFrom");
        Check(UnusualFrom, "Alerts.UnusualFrom");
        if (Webhook is { } address && (!address.IsAbsoluteUri || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) || address.UserInfo.Length > 0))
            throw Wrong("Alerts.Webhook must be an absolute https address, or one of this machine, without a user's name in it.");
        if (Webhook is not null && (WebhookSecret is null || WebhookSecret.Length < ShortestSecret))
            throw Wrong(FormattableString.Invariant($"Alerts.WebhookSecret must have at least {ShortestSecret} characters where Alerts.Webhook is set: it signs what is posted."));
        return new AlertOptions { ExpensiveFrom = ExpensiveFrom, UnusualFrom = UnusualFrom, Webhook = Webhook, WebhookSecret = WebhookSecret, CallersHandler = CallersHandler };
    }

    private static void Check(decimal? usd, string setting)
    {
        if (usd is < 0 or > 1_000_000) throw Wrong(FormattableString.Invariant($"{setting} must be 0 to 1,000,000 (was {usd})."));
    }

    private static HarborException Wrong(string message) => ErrorFactory.Setting(ErrorKind.Configuration, message);
}
