using System.Text.Json;
using HarborClient;

namespace Quickstart;

/// <summary>The providers that the environment has keys or addresses for.</summary>
internal sealed class RealProviders
{
    private const string OpenAIModel = "gpt-4o-mini";
    private const string LocalVariable = "HARBOR_LOCAL_URL";
    private const string LocalExample = "it should look like http://localhost:11434/v1/, a host that speaks OpenAI's protocol";

    /// <summary>How long a host may take to list its models.</summary>
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(10);

    private static readonly (string Variable, string Provider)[] Later =
    [
        ("ANTHROPIC_API_KEY", "Claude"),
        ("GEMINI_API_KEY", "Gemini"),
        ("ZHIPU_API_KEY", "Zhipu"),
        ("ZHIPU_LOCAL_URL", "Zhipu on your own host"),
    ];

    private readonly string? _openAIKey;
    private readonly Uri? _localEndpoint;

    private RealProviders(string? openAIKey, Uri? localEndpoint, string? localModel)
    {
        _openAIKey = openAIKey;
        _localEndpoint = localEndpoint;
        if (openAIKey is not null) Models.Add($"openai/{OpenAIModel}");
        if (localModel is not null) Models.Add($"local/{localModel}");
    }

    /// <summary>What can be asked.</summary>
    internal List<string> Models { get; } = [];

    /// <summary>One line for each variable that is set for a provider the library does not have yet.</summary>
    internal static IEnumerable<string> NotYet =>
        from later in Later
        where Read(later.Variable) is not null
        select $"{later.Variable} is set, but {later.Provider} comes in a later version: it is not asked.";

    /// <summary>What the environment names, or one line that says which variable is wrong and what it should look like.</summary>
    internal static async Task<(RealProviders Real, string? Problem)> FromEnvironmentAsync()
    {
        string? key = Read("OPENAI_API_KEY");
        if (Read(LocalVariable) is not { } address) return (new RealProviders(key, null, null), null);
        Uri? endpoint = Endpoint(address);
        (string? model, string? problem) = endpoint is null ? (null, "is not an http or https address") : await FirstModelAsync(endpoint);
        return (new RealProviders(key, endpoint, model), problem is null ? null : $"{LocalVariable} {problem}: {LocalExample}.");
    }

    internal void AddTo(HarborBuilder harbor)
    {
        if (_openAIKey is not null) harbor.AddOpenAI(_openAIKey);
        if (_localEndpoint is not null) harbor.AddLocal("local", _localEndpoint);
    }

    private static Uri? Endpoint(string address) =>
        Uri.TryCreate(address.Trim().TrimEnd('/') + "/", UriKind.Absolute, out Uri? endpoint) && endpoint is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }
            ? endpoint
            : null;

    /// <summary>The first model in the host's own list, or what is wrong with it.</summary>
    private static async Task<(string? Model, string? Problem)> FirstModelAsync(Uri endpoint)
    {
        using var http = new HttpClient { Timeout = ListTimeout };
        var address = new Uri(endpoint, "models");
        try
        {
            using JsonDocument list = JsonDocument.Parse(await http.GetByteArrayAsync(address));
            if (list.RootElement.ValueKind != JsonValueKind.Object || !list.RootElement.TryGetProperty("data", out JsonElement models) || models.ValueKind != JsonValueKind.Array)
                return (null, $"names a host whose {address} is no list of models");
            foreach (JsonElement model in models.EnumerateArray())
            {
                if (model.ValueKind == JsonValueKind.Object && model.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } name)
                    return (name, null);
            }

            return (null, $"names a host that has no model to ask ({address} lists none)");
        }
        catch (JsonException)
        {
            return (null, $"names a host whose {address} is no JSON");
        }
        catch (HttpRequestException e)
        {
            return (null, $"names a host that does not list its models at {address} ({e.Message.TrimEnd('.')})");
        }
        catch (OperationCanceledException)
        {
            return (null, $"names a host that did not list its models at {address} within {ListTimeout.TotalSeconds:F0} s");
        }
    }

    private static string? Read(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
