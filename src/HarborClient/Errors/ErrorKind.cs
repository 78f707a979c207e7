namespace HarborClient;

/// <summary>One kind per decision a caller can take.</summary>
public enum ErrorKind
{
    /// <summary>The key is missing, wrong or not allowed to do this. Change the key.</summary>
    Authentication,

    /// <summary>Too many requests or tokens for now. Wait (<see cref="HarborException.RetryAfter"/>).</summary>
    RateLimited,

    /// <summary>Credit, a daily quota or a spend limit is used up. Waiting seconds does not help.</summary>
    QuotaExhausted,

    /// <summary>The request is wrong and would be wrong again.</summary>
    InvalidRequest,

    /// <summary>The messages do not fit the model's context window. Shorten them or take a larger model.</summary>
    ContextTooLong,

    /// <summary>The provider's content policy refused the prompt or the answer.</summary>
    ContentFiltered,

    /// <summary>The model, deployment or path does not exist.</summary>
    NotFound,

    /// <summary>The provider has no capacity for now.</summary>
    Overloaded,

    /// <summary>One of the client's clocks ran out; see <see cref="HarborTimeoutException.Clock"/>.</summary>
    Timeout,

    /// <summary>No connection, or it broke before an answer began.</summary>
    Network,

    /// <summary>The answer began and did not reach its end.</summary>
    Interrupted,

    /// <summary>The provider failed or sent something that is not its protocol.</summary>
    Provider,

    /// <summary>A budget would be exceeded.</summary>
    Budget,

    /// <summary>The client is not set up for this call. The message names the setting.</summary>
    Configuration,

    /// <summary>Every target was excluded by the call's own rules, such as <see cref="HarborChatOptions.AllowedTargets"/>.</summary>
    NoPermittedTarget,

    /// <summary>The request collides with another one, or with the state it refers to.</summary>
    Conflict,

    /// <summary>The request, an event or the answer is over a size limit.</summary>
    TooLarge,

    /// <summary>A function that the model calls failed too often in a row, or the approval of functions did; the cause is the inner exception.</summary>
    Tool,

    /// <summary>The client's own limits let no request through in time: <see cref="LimitOptions.MaximumWait"/>, <see cref="LimitOptions.MaximumQueued"/>. Nothing was sent.</summary>
    NoPermit,

    /// <summary>The call wanted a kept answer only (<see cref="CachePolicy.Only"/>), and there is none. Nothing was sent.</summary>
    NotCached,
}
