using System.Reflection;
using HarborClient.Errors;

namespace HarborClient.Providers;

/// <summary>A provider's options, validated and copied. Immutable.</summary>
internal sealed class ProviderSetup
{
    /// <summary>What we call ourselves towards hosts.</summary>
    internal static readonly string UserAgent =
        "HarborClient/" + (typeof(ProviderSetup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0");

    internal required string Name { get; init; }

    internal required Uri Endpoint { get; init; }

    internal required bool IsLocal { get; init; }

    internal required TransportOptions Transport { get; init; }

    internal required EmbeddingBatchOptions EmbeddingBatches { get; init; }

    internal required RetryOptions Retry { get; init; }

    internal required CircuitBreakerOptions CircuitBreaker { get; init; }

    internal required LimitOptions Limits { get; init; }

    /// <summary>Null where keys have no quota.</summary>
    internal required KeyQuotaOptions? KeyQuota { get; init; }

    internal required IReadOnlySet<string> Models { get; init; }

    internal required IReadOnlyDictionary<string, string> Headers { get; init; }

    internal string? DefaultModel { get; private init; }

    internal RequestDefaults Defaults { get; private init; }

    internal string ProductName { get; private init; } = UserAgent;

    internal HttpMessageHandler? Handler { get; private init; }

    /// <summary>Null for a host that wants no key.</summary>
    internal CredentialSource? Credential { get; private init; }

    /// <summary>Validates options. The section is how the provider is called in configuration, for messages.</summary>
    internal static ProviderSetup From(ProviderOptions options, string name, string section, bool isLocal, TimeProvider time)
    {
        CheckName(name);
        options.Check(section);
        var credential = new CredentialSource(name, options.Keys, options.CallersCredential, options.SecretSource is { } source ? new SecretKeys(name, source, options.SecretNames, time) : null);
        if (!isLocal && !credential.HasKey)
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{name}' has no key. Give one to the Add method, or set {section}.Keys, UseCredential or UseSecrets.");
        Uri endpoint = CheckEndpoint(options.ApiRoot, section);
        if (!isLocal && endpoint.Scheme == Uri.UriSchemeHttp && !endpoint.IsLoopback)
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.Endpoint is plain http ({endpoint.Authority}): the key of '{name}' would travel unencrypted. Use https, or AddLocal for a host of your own.");
        return new ProviderSetup
        {
            Name = name,
            Endpoint = endpoint,
            IsLocal = isLocal,
            Transport = options.Transport.Validated(section),
            EmbeddingBatches = options.EmbeddingBatches.Validated(section),
            Retry = options.Retry.Validated(section),
            CircuitBreaker = options.CircuitBreaker.Validated(section),
            Limits = options.Limits.Validated(section),
            KeyQuota = options.KeyQuota.Validated(section),
            Models = options.Models.ToHashSet(StringComparer.Ordinal),
            Headers = CheckHeaders(options.DefaultHeaders, section),
            DefaultModel = CheckModel(options.DefaultModel, section),
            Defaults = RequestDefaults.From(options, section),
            ProductName = CheckUserAgent(options.UserAgent, section),
            Handler = options.CallersHandler,
            Credential = credential.HasKey ? credential : null,
        };
    }

    private static void CheckName(string name)
    {
        if (name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) return;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"The provider name '{ErrorFactory.Quote(name)}' must consist of ASCII letters, digits, '-', '_' and '.'.");
    }

    private static string? CheckModel(string? model, string section)
    {
        if (model is null || (model.Length > 0 && !model.Any(char.IsControl))) return model;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.DefaultModel must be a model's id, without control characters.");
    }

    private static string CheckUserAgent(string? name, string section)
    {
        if (name is null) return UserAgent;
        if (name.Length > 0 && name.All(c => c is >= ' ' and <= '~')) return name;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.UserAgent must be one line of ASCII.");
    }

    internal static Uri CheckEndpoint(Uri? endpoint, string section)
    {
        if (endpoint is null) throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.Endpoint is missing.");
        if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps))
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.Endpoint must be an absolute http or https address, such as https://host/v1/.");
        if (endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0 || endpoint.UserInfo.Length > 0)
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.Endpoint must have no query, fragment or user part.");
        return endpoint.AbsolutePath.EndsWith('/') ? endpoint : new Uri(endpoint.AbsoluteUri + "/");
    }

    /// <summary>Headers that decide how bytes are framed; the handler and the reader agree on those.</summary>
    private static bool IsTheHandlers(string name) =>
        name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, string> CheckHeaders(IDictionary<string, string> headers, string section)
    {
        if (headers.Count == 0) return new Dictionary<string, string>(0);
        using var probe = new HttpRequestMessage();
        foreach ((string name, string value) in headers)
        {
            if (value is null || value.Any(c => c is < ' ' or > '~') || IsTheHandlers(name) || !probe.Headers.TryAddWithoutValidation(name, value))
                throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.DefaultHeaders['{ErrorFactory.Quote(name)}'] is not a request header that can be set here, with a value of one line in ASCII.");
        }

        return new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
    }
}
