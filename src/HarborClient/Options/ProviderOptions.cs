namespace HarborClient;

/// <summary>What every provider's options have in common. Validated and copied when the client is built; changing them afterwards has no effect.</summary>
public abstract class ProviderOptions
{
    private protected ProviderOptions()
    {
    }

    /// <summary>The API root, including its version segment, such as <c>https://api.openai.com/v1/</c>.</summary>
    /// <value>An absolute http or https address without query. A key is refused over plain http except to loopback and to local hosts.</value>
    public Uri? Endpoint { get; set; }

    /// <summary>API keys. With several, each call takes the one with the least requests in flight; one that was told to wait, is used up or was rejected is passed over.</summary>
    /// <value>Default: the key given when the provider was added.</value>
    public IList<string> Keys { get; } = [];

    /// <summary>Models this provider is known to serve, so that their bare ids find it.</summary>
    /// <value>Default: none. A bare id that two providers list finds neither.</value>
    public IList<string> Models { get; } = [];

    /// <summary>The model that the provider's name alone stands for; with a single provider, also the default of calls that name none.</summary>
    /// <value>Default <see langword="null"/>: the name alone is no model.</value>
    public string? DefaultModel { get; set; }

    /// <summary>The temperature of chat calls that set none.</summary>
    /// <value>Default <see langword="null"/>: the provider's own; 0 to 2.</value>
    public float? DefaultTemperature { get; set; }

    /// <summary>The maximum of output tokens of chat calls that set none.</summary>
    /// <value>Default <see langword="null"/>: the provider's own; 1 to 10,000,000.</value>
    public int? DefaultMaxOutputTokens { get; set; }

    /// <summary>What the client calls itself towards the host.</summary>
    /// <value>Default <see langword="null"/>: <c>HarborClient/{version}</c>; otherwise one line of ASCII.</value>
    public string? UserAgent { get; set; }

    /// <summary>Headers sent with every request, after the standard ones.</summary>
    /// <value>Default: none. Request headers with values of one line; one of the same name as a standard header replaces it.</value>
    public IDictionary<string, string> DefaultHeaders { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Connections and read limits.</summary>
    /// <value>Never <see langword="null"/>; change its settings.</value>
    public TransportOptions Transport { get; } = new();

    /// <summary>When a failed request is sent again.</summary>
    /// <value>Never <see langword="null"/>; change its settings.</value>
    public RetryOptions Retry { get; } = new();

    /// <summary>When a host that keeps failing is left alone.</summary>
    /// <value>Never <see langword="null"/>; change its settings.</value>
    public CircuitBreakerOptions CircuitBreaker { get; } = new();

    /// <summary>How many requests go out at once and how fast.</summary>
    /// <value>Never <see langword="null"/>; change its settings.</value>
    public LimitOptions Limits { get; } = new();

    /// <summary>How much each key may be used in a day.</summary>
    /// <value>Never <see langword="null"/>; change its settings. Default: no quota.</value>
    public KeyQuotaOptions KeyQuota { get; } = new();

    /// <summary>How embedding calls are joined into requests.</summary>
    /// <value>Never <see langword="null"/>; change its settings.</value>
    public EmbeddingBatchOptions EmbeddingBatches { get; } = new();

    /// <summary>The API root that <see cref="Endpoint"/> stands for.</summary>
    internal virtual Uri? ApiRoot => Endpoint;

    /// <summary>Checks what one provider's options add.</summary>
    /// <exception cref="HarborException">A setting is out of bounds (Configuration).</exception>
    internal virtual void Check(string section)
    {
    }

    // Fields and not properties: the configuration binder must not try to bind them.
    internal HttpMessageHandler? CallersHandler;
    internal Func<CancellationToken, ValueTask<string>>? CallersCredential;
    internal ISecretSource? SecretSource;
    internal string[] SecretNames = [];

    /// <summary>Sends through a handler of the caller's, which stays the caller's: it is never disposed and none of its settings is changed.</summary>
    /// <param name="handler">The handler. It must not follow redirects with credentials; its connection settings apply instead of <see cref="Transport"/>'s.</param>
    public void UseHandler(HttpMessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        CallersHandler = handler;
    }

    /// <summary>Asks for the key before every request, so that it can rotate. Replaces <see cref="Keys"/>.</summary>
    /// <param name="credential">Called concurrently; the token is the call's. Its exceptions surface as <see cref="ErrorKind.Authentication"/>.</param>
    public void UseCredential(Func<CancellationToken, ValueTask<string>> credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        CallersCredential = credential;
    }

    /// <summary>Reads the keys from where they are kept, by name. Replaces <see cref="Keys"/>.</summary>
    /// <param name="source">Such as <see cref="SecretSources.Environment"/>; stays the caller's.</param>
    /// <param name="names">Their names there. With several, each call takes the one with the least requests in flight.</param>
    /// <remarks>A key is read when it is first needed, again every minute, and soon after its host does not accept it, so that it can be changed without a restart; while its source cannot be read, it is used for 15 minutes more.</remarks>
    public void UseSecrets(ISecretSource source, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(names);
        if (names.Length == 0 || Array.Exists(names, string.IsNullOrWhiteSpace)) throw new ArgumentException("Name at least one secret, and none with an empty name.", nameof(names));
        (SecretSource, SecretNames) = (source, [.. names]);
    }
}
