using HarborClient.Errors;

namespace HarborClient;

/// <summary>
/// Limits per caller: what each <see cref="HarborChatOptions.User"/> and each <see cref="HarborChatOptions.Tenant"/> may ask for, in every mode, before any target
/// is looked at. A call beyond them fails as <see cref="ErrorKind.RateLimited"/> with <see cref="HarborException.RetryAfter"/>, and no other target is asked.
/// </summary>
/// <remarks>A call that names neither a user nor a tenant is not limited. With <see cref="HarborBuilder.UseLimitExchange(ILimitExchange)"/> several processes share the limits.</remarks>
public sealed class CallerLimitOptions
{
    /// <summary>Limits of each user by itself.</summary>
    /// <value>Default: all off.</value>
    public CallerLimit PerUser { get; } = new();

    /// <summary>Limits of each tenant by itself.</summary>
    /// <value>Default: all off.</value>
    public CallerLimit PerTenant { get; } = new();

    /// <summary>Most users, and most tenants, whose use is remembered; about 200 bytes each. Those who have been away longest are forgotten first, never one with a call in flight.</summary>
    /// <value>Default 100,000; 100 to 10,000,000.</value>
    public int MaximumCallers { get; set; } = 100_000;

    /// <summary>A copy, or null when everything is off.</summary>
    internal CallerLimitOptions? Validated(string section)
    {
        SettingCheck.Range(MaximumCallers, 100, 10_000_000, $"{section}.MaximumCallers");
        CallerLimit user = PerUser.Validated($"{section}.PerUser");
        CallerLimit tenant = PerTenant.Validated($"{section}.PerTenant");
        return user.IsOff && tenant.IsOff ? null : new CallerLimitOptions(user, tenant) { MaximumCallers = MaximumCallers };
    }

    /// <summary>Nothing is limited.</summary>
    public CallerLimitOptions()
    {
    }

    private CallerLimitOptions(CallerLimit user, CallerLimit tenant) => (PerUser, PerTenant) = (user, tenant);
}
