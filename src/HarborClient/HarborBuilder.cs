using System.Text.Json;
using HarborClient.Costs;
using HarborClient.Errors;
using HarborClient.Limits;
using HarborClient.Options;
using HarborClient.Pipeline;
using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HarborClient;

/// <summary>Says what a <see cref="FastClient"/> is made of. Everything is validated when the client is built; the builder has no effect afterwards. Not thread-safe.</summary>
public sealed partial class HarborBuilder
{
    private readonly List<Registration> _providers = [];
    private readonly List<StageInsertion> _stages = [];
    private readonly ClockOptions _clocks = new();
    private readonly TelemetryOptions _telemetry = new();
    private ToolInvocationOptions? _tools;
    private IServiceProvider? _services;
    private PerformanceMode _mode = PerformanceMode.Balanced;
    private string? _defaultModel;
    private string? _defaultEmbeddingModel;
    private TimeProvider _time = TimeProvider.System;
    private ILoggerFactory _loggers = NullLoggerFactory.Instance;
    private JsonSerializerOptions? _json;
    private ITokenCounter? _tokenCounter;

    internal HarborBuilder()
    {
    }

    private delegate Provider CreateProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time);

    /// <summary>The recipe of calls that name none.</summary>
    /// <param name="mode">Default <see cref="PerformanceMode.Balanced"/>.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseMode(PerformanceMode mode) => With(() => _mode = mode);

    /// <summary>The model or alias of chat calls that name none.</summary>
    /// <param name="model">An alias, <c>provider/model</c>, or a bare id.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseDefaultModel(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return With(() => _defaultModel = model);
    }

    /// <summary>The model or alias of embedding calls that name none.</summary>
    /// <param name="model">An alias, <c>provider/model</c>, or a bare id.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseDefaultEmbeddingModel(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return With(() => _defaultEmbeddingModel = model);
    }

    /// <summary>The clock behind every timeout and timestamp except the socket handler's ConnectTimeout.</summary>
    /// <param name="time">Default <see cref="TimeProvider.System"/>.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseTimeProvider(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return With(() => _time = time);
    }

    /// <summary>Where log messages go. Keys, prompts and answers are never logged.</summary>
    /// <param name="loggers">Stays the caller's. Default: nowhere; with a container, the container's.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseLoggerFactory(ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        return With(() => _loggers = loggers);
    }

    /// <summary>How a caller's own types (results of functions, values in AdditionalProperties) become JSON.</summary>
    /// <param name="options">Must know the types, best by a source-generated context. Default <see cref="AIJsonUtilities.DefaultOptions"/> without indentation.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseJsonOptions(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return With(() => _json = options);
    }

    /// <summary>Counts tokens exactly, for the models that the counter knows; it goes before providers' endpoints and the estimate.</summary>
    /// <param name="counter">Stays the caller's.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseTokenCounter(ITokenCounter counter)
    {
        ArgumentNullException.ThrowIfNull(counter);
        return With(() => _tokenCounter = counter);
    }

    /// <summary>Sets the clocks of every call.</summary>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseClocks(Action<ClockOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => configure(_clocks));
    }

    /// <summary>Sets what telemetry may contain.</summary>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseTelemetry(Action<TelemetryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => configure(_telemetry));
    }

    /// <summary>Runs the functions that models call, and asks again with their results until there is an answer. Off unless this is called.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// For chat calls with an <see cref="AIFunction"/> in <see cref="ChatOptions.Tools"/>, plain and streamed. Each answer is a call of its own through the
    /// pipeline; <see cref="ClockOptions.TotalTimeout"/> covers them all and rests while functions run. A response holds all messages that were made, the
    /// sum of usage, and every attempt. An answer that calls a tool without a function, an <see cref="AIFunctionDeclaration"/>, is handed to the caller.
    /// </remarks>
    public HarborBuilder UseToolInvocation(Action<ToolInvocationOptions>? configure = null) => With(() =>
    {
        _tools ??= new ToolInvocationOptions();
        configure?.Invoke(_tools);
    });

    /// <summary>Inserts a stage of one's own into every mode. Of several in one scope the first added is the outermost.</summary>
    /// <param name="scope">Where it stands.</param>
    /// <param name="create">Makes the stage around the one inside it; called once per mode when the client is built, and one for attempts once more where an alias has shadows.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder AddStage(StageScope scope, Func<PipelineStage, PipelineStage> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        SettingCheck.Defined<StageScope>(scope, "The scope of AddStage");
        return With(() => _stages.Add(new StageInsertion(scope, create)));
    }

    /// <summary>Where functions find the services they ask for.</summary>
    internal HarborBuilder UseServices(IServiceProvider services) => With(() => _services = services);

    internal FastClient Build()
    {
        SettingCheck.Defined<PerformanceMode>(_mode, "Mode (UseMode)");
        if (_providers.Count == 0)
        {
            throw ErrorFactory.Setting(
                ErrorKind.Configuration,
                "The client has no provider. Add one, such as AddOpenAI(key) or AddLocal(name, endpoint), or in configuration an OpenAI, Claude or Local section with keys or an endpoint.");
        }

        List<AliasDefinition> models = DefineModels();
        ILogger logger = _loggers.CreateLogger("HarborClient");
        var parts = new FastClientParts
        {
            Clocks = _clocks.Validated(),
            Mode = _mode,
            DefaultModel = _defaultModel,
            DefaultEmbeddingModel = _defaultEmbeddingModel,
            Time = _time,
            Logger = logger,
            ValueJson = new ValueJson(_json),
            Telemetry = new TelemetryOptions { CaptureMessageContent = _telemetry.CaptureMessageContent },
            Stages = [.. _stages],
            Models = models,
            Random = new RandomSource(_seed),
            TokenCounter = _tokenCounter,
            Tools = _tools?.Validated(),
            Services = _services,
            Local = LocalRules,
            Memory = CreateMemoryGuard(logger),
            Counters = new ResourceCounters(),
            Hedging = _hedging?.Validated("Hedging"),
            CallerLimits = _callerLimits.Validated("CallerLimits"),
            Cache = _cache.Validated(),
            MemoryCache = _memoryCache.Validated(),
            Semantic = _semantic?.Validated(),
            QuestionGenerator = _questionGenerator,
            QuestionModel = _questionModel,
            Prices = new PriceBook(_prices.Validated(), _time, logger),
            Ledger = _ledger.Validated(),
            Alerts = _alerts?.Validated(),
            Budgets = CheckedBudgets(),
        };
        Dictionary<string, Provider> providers = BuildProviders(parts.Counters);
        LimitSharing? sharing = null;
        BudgetSharing? spending = null;
        ResponseCache? cache = null;
        ILedgerStore? ledger = null;
        try
        {
            ledger = CreateLedger();
            sharing = CreateSharing(logger);
            spending = CreateBudgetSharing(parts.Budgets, logger);
            cache = CreateCache(parts);
            return new FastClient(parts, providers, sharing, cache, ledger, spending);
        }
        catch
        {
            sharing?.Stop();
            spending?.Stop();
            cache?.Abandon();
            if (ledger is not null) _ = ledger.DisposeAsync().AsTask();
            foreach (Provider provider in providers.Values) provider.Dispose();
            throw;
        }
    }

    private Dictionary<string, Provider> BuildProviders(ResourceCounters counters)
    {
        // All are validated before the first one takes a share of a handler.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var setups = new ProviderSetup[_providers.Count];
        for (int i = 0; i < setups.Length; i++)
        {
            Registration provider = _providers[i];
            if (!names.Add(provider.Name)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"The provider '{provider.Name}' is added twice (names do not differ by case).");
            setups[i] = ProviderSetup.From(provider.Options, provider.Name, provider.Section, provider.IsLocal, _time);
        }

        var providers = new Dictionary<string, Provider>(setups.Length, StringComparer.Ordinal);
        for (int i = 0; i < setups.Length; i++) providers.Add(setups[i].Name, _providers[i].Create(setups[i], counters, _time));
        return providers;
    }

    private HarborBuilder Add(string name, string section, ProviderOptions options, bool isLocal, CreateProvider create) =>
        With(() => _providers.Add(new Registration(name, section, options, isLocal, create)));

    private HarborBuilder With(Action change)
    {
        change();
        return this;
    }

    private sealed record Registration(string Name, string Section, ProviderOptions Options, bool IsLocal, CreateProvider Create);
}
