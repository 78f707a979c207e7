namespace HarborClient;

/// <summary>What the rows of a cost report are.</summary>
public enum CostGroup
{
    /// <summary>Days in UTC, as <c>2026-11-24</c>.</summary>
    Day,

    /// <summary>Providers by their registered names.</summary>
    Provider,

    /// <summary>Models, as <c>openai/gpt-4o-mini</c>.</summary>
    Model,

    /// <summary>Models or aliases as callers named them.</summary>
    Alias,

    /// <summary>Tenants (<see cref="HarborChatOptions.Tenant"/>); an empty key for calls without one.</summary>
    Tenant,

    /// <summary>Users (<see cref="HarborChatOptions.User"/>); an empty key for calls without one.</summary>
    User,

    /// <summary>Labels (<see cref="HarborChatOptions.Tags"/>), as <c>name=value</c>. A call with several counts in each; one without any under an empty key.</summary>
    Tag,

    /// <summary>Hosts.</summary>
    Endpoint,
}
