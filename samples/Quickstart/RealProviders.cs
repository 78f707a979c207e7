using System.Text.Json;
using HarborClient;

namespace Quickstart;

/// <summary>The providers that the environment has keys or addresses for.</summary>
internal sealed class RealProviders
{
    private const string OpenAIModel = "gpt-4o-mini";

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

    /// <summary>Whether the host that the environment names could not be asked for its models.</summary>
    internal bool IsLocalUnreachable => _localEndpoint is not null && !Models.Exists(model => model.StartsWith("local/", StringComparison.Ordinal));

    /// <summary>One line for each variable that is set for a provider the library does not have yet.</summary>
    internal static IEnumerable<string> NotYet =>
        from later in Later
        where Read(later.Variable) is not null
        select $"{later.Variable} is set, but {later.Provider} comes in a later version: it is not asked.";

    internal static async Task<RealProviders> FromEnvironmentAsync()
    {
        Uri? local = Read("HARBOR_LOCAL_URL") is { } address ? new Uri(address.TrimEnd('/') + "/") : null;
        return new RealProviders(Read("OPENAI_API_KEY"), local, local is null ? null : await FirstModelAsync(local));
    }

    internal void AddTo(HarborBuilder harbor)
    {
        if (_openAIKey is not null) harbor.AddOpenAI(_openAIKey);
        if (_localEndpoint is not null) harbor.AddLocal("local", _localEndpoint);
    }

    /// <summary>The first model in the host's own list.</summary>
    private static async Task<string?> FirstModelAsync(Uri endpoint)
    {
        using var http = new HttpClient();
        try
        {
            using JsonDocument list = JsonDocument.Parse(await http.GetStringAsync(new Uri(endpoint, "models")));
            return list.RootElement.GetProperty("data")[0].GetProperty("id").GetString();
        }
        catch (HttpRequestException e)
        {
            Console.WriteLine($"HARBOR_LOCAL_URL is set, but {endpoint} does not list its models: {e.Message}");
            return null;
        }
    }

    private static string? Read(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
