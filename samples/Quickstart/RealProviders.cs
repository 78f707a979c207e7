using System.Text.Json;
using HarborClient;

namespace Quickstart;

/// <summary>The providers that the environment has keys or addresses for.</summary>
internal sealed class RealProviders
{
    private const string LocalExample = "it should look like http://localhost:11434/v1/, a host that speaks OpenAI's protocol";

    /// <summary>How long a host may take to list its models.</summary>
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Providers with a key: the variable, the model that is asked, and how the provider is added.</summary>
    private static readonly (string Variable, string Model, Action<HarborBuilder, string> Add)[] Clouds =
    [
        ("OPENAI_API_KEY", "openai/gpt-4o-mini", (harbor, key) => harbor.AddOpenAI(key)),
        ("ANTHROPIC_API_KEY", "claude/claude-haiku-4-5", (harbor, key) => harbor.AddClaude(key)),
        ("GEMINI_API_KEY", "gemini/gemini-2.5-flash", (harbor, key) => harbor.AddGemini(key)),
        ("ZHIPU_API_KEY", "zhipu/glm-4.5-flash", (harbor, key) => harbor.AddZhipu(key)),
    ];

    /// <summary>Hosts of one's own: the variable, the provider's name, and how it is added. The first model that the host lists is asked.</summary>
    private static readonly (string Variable, string Provider, Action<HarborBuilder, Uri> Add)[] Hosts =
    [
        ("HARBOR_LOCAL_URL", "local", (harbor, endpoint) => harbor.AddLocal("local", endpoint)),
        ("ZHIPU_LOCAL_URL", "zhipu-local", (harbor, endpoint) => harbor.AddZhipuLocal(endpoint)),
    ];

    private readonly List<Action<HarborBuilder>> _additions = [];

    /// <summary>What can be asked.</summary>
    internal List<string> Models { get; } = [];

    /// <summary>What the environment names, or one line that says which variable is wrong and what it should look like.</summary>
    internal static async Task<(RealProviders Real, string? Problem)> FromEnvironmentAsync()
    {
        var real = new RealProviders();
        foreach ((string variable, string model, Action<HarborBuilder, string> add) in Clouds)
        {
            if (Read(variable) is { } key) real.Add(model, harbor => add(harbor, key));
        }

        foreach ((string variable, string provider, Action<HarborBuilder, Uri> add) in Hosts)
        {
            if (Read(variable) is not { } address) continue;
            if (Endpoint(address) is not { } endpoint) return (real, $"{variable} is not an http or https address: {LocalExample}.");
            (string? model, string? problem) = await FirstModelAsync(endpoint);
            if (problem is not null) return (real, $"{variable} {problem}: {LocalExample}.");
            real.Add($"{provider}/{model}", harbor => add(harbor, endpoint));
        }

        return (real, null);
    }

    internal void AddTo(HarborBuilder harbor)
    {
        foreach (Action<HarborBuilder> add in _additions) add(harbor);
    }

    private void Add(string model, Action<HarborBuilder> add)
    {
        Models.Add(model);
        _additions.Add(add);
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
