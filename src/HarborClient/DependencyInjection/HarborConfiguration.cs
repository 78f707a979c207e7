using HarborClient.Errors;
using Microsoft.Extensions.Configuration;

namespace HarborClient.DependencyInjection;

/// <summary>The shape of a configuration section.</summary>
internal sealed class HarborConfiguration
{
    public PerformanceMode? Mode { get; set; }

    public string? DefaultModel { get; set; }

    public string? DefaultEmbeddingModel { get; set; }

    public long? MemoryLimitBytes { get; set; }

    public ClockSection? Clocks { get; set; }

    public TelemetryOptions? Telemetry { get; set; }

    public CallerLimitSection? CallerLimits { get; set; }

    public HedgingSection? Hedging { get; set; }

    public CacheSection? Cache { get; set; }

    public MemoryCacheSection? MemoryCache { get; set; }

    public SemanticCacheSection? SemanticCache { get; set; }

    public ToolInvocationSection? ToolInvocation { get; set; }

    public PriceSection? Prices { get; set; }

    public LedgerSection? Ledger { get; set; }

    public AlertSection? Alerts { get; set; }

    public Dictionary<string, BudgetSection> Budgets { get; } = [];

    public OpenAIOptions? OpenAI { get; set; }

    public AzureOpenAIOptions? AzureOpenAI { get; set; }

    public ClaudeOptions? Claude { get; set; }

    public GeminiOptions? Gemini { get; set; }

    public ZhipuOptions? Zhipu { get; set; }

    public ZhipuLocalOptions? ZhipuLocal { get; set; }

    public Dictionary<string, LocalOptions> Local { get; } = [];

    public Dictionary<string, List<string>> Models { get; } = [];

    /// <summary>Reads a section into a builder.</summary>
    /// <exception cref="HarborException">A key is unknown or a value has the wrong form (Configuration).</exception>
    internal static void Apply(IConfiguration section, HarborBuilder builder)
    {
        if (section is IConfigurationSection { } missing && !missing.Exists())
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The configuration has no section '{missing.Path}'.");
        CheckForms(section);

        var read = new HarborConfiguration();
        try
        {
            section.Bind(read, options => options.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            string place = section is IConfigurationSection named ? $"'{named.Path}'" : "of HarborClient";
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The configuration section {place} {WhatIsWrong(e.Message, section)}", e);
        }

        try
        {
            read.ApplyTo(builder);
        }
        catch (ArgumentException e)
        {
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The configuration has an empty name or target: {e.Message}", e);
        }
    }

    private void ApplyTo(HarborBuilder builder)
    {
        if (Mode is { } mode) builder.UseMode(mode);
        if (DefaultModel is { } model) builder.UseDefaultModel(model);
        if (DefaultEmbeddingModel is { } embedding) builder.UseDefaultEmbeddingModel(embedding);
        if (MemoryLimitBytes is { } memory) builder.UseMemoryLimit(memory);
        if (Clocks is { } clocks) builder.UseClocks(clocks.ApplyTo);
        if (Telemetry is { } telemetry) builder.UseTelemetry(target => target.CaptureMessageContent = telemetry.CaptureMessageContent);
        if (CallerLimits is { } callers) builder.UseCallerLimits(callers.ApplyTo);
        if (Hedging is { } hedging) builder.UseHedging(hedging.ApplyTo);
        if (Cache is { } cache) builder.UseCache(cache.ApplyTo);
        if (MemoryCache is { } memoryCache) builder.UseMemoryCache(memoryCache.ApplyTo);
        SemanticCache?.ApplyTo(builder);
        if (ToolInvocation is { } tools) builder.UseToolInvocation(tools.ApplyTo);
        if (Prices is { } prices) builder.UsePrices(prices.ApplyTo);
        if (Ledger is { } ledger) builder.UseLedger(ledger.ApplyTo);
        if (Alerts is { } alerts) builder.UseAlerts(alerts.ApplyTo);
        foreach ((string name, BudgetSection budget) in Budgets) budget.ApplyTo(builder, name);
        if (OpenAI is { } openAI) builder.RegisterOpenAI(openAI);
        if (AzureOpenAI is { } azure) builder.RegisterAzureOpenAI(azure);
        if (Claude is { } claude) builder.RegisterClaude(claude);
        if (Gemini is { } gemini) builder.RegisterGemini(gemini);
        if (Zhipu is { } zhipu) builder.RegisterZhipu(zhipu);
        if (ZhipuLocal is { } zhipuLocal) builder.RegisterZhipuLocal(zhipuLocal);
        foreach ((string name, LocalOptions local) in Local) builder.RegisterLocal(name, local);
        foreach ((string alias, List<string> targets) in Models) builder.MapModel(alias, [.. targets]);
    }

    private static void CheckForms(IConfiguration section)
    {
        IConfigurationSection models = section.GetSection(nameof(Models));
        RefuseScalars(models.GetChildren().Append(models));
        RefuseObjects(models.GetChildren().SelectMany(alias => alias.GetChildren()));
        IConfigurationSection callers = section.GetSection(nameof(CallerLimits));
        RefuseTexts([callers, callers.GetSection(nameof(CallerLimitOptions.PerUser)), callers.GetSection(nameof(CallerLimitOptions.PerTenant))]);
        RefuseTexts([section.GetSection(nameof(Clocks)), section.GetSection(nameof(Telemetry)), section.GetSection(nameof(ToolInvocation)), section.GetSection(nameof(Hedging)), section.GetSection(nameof(Cache)), section.GetSection(nameof(MemoryCache)), section.GetSection(nameof(SemanticCache)), section.GetSection(nameof(Local))]);
        CheckMoney(section);
        string[] single = [nameof(OpenAI), nameof(AzureOpenAI), nameof(Claude), nameof(Gemini), nameof(Zhipu), nameof(ZhipuLocal)];
        foreach (IConfigurationSection provider in section.GetSection(nameof(Local)).GetChildren().Concat(single.Select(section.GetSection)))
        {
            RefuseTexts([provider, provider.GetSection(nameof(ProviderOptions.DefaultHeaders)), provider.GetSection(nameof(ProviderOptions.Transport)), provider.GetSection(nameof(ProviderOptions.EmbeddingBatches)),
                provider.GetSection(nameof(ProviderOptions.Retry)), provider.GetSection(nameof(ProviderOptions.CircuitBreaker)), provider.GetSection(nameof(ProviderOptions.Limits)), provider.GetSection(nameof(ProviderOptions.KeyQuota)),
                provider.GetSection(nameof(ProviderOptions.Limits)).GetSection(nameof(LimitOptions.Tuning))]);
            RefuseScalars([provider.GetSection(nameof(ProviderOptions.Keys)), provider.GetSection(nameof(ProviderOptions.Models)), provider.GetSection(nameof(ClaudeOptions.BetaFeatures))]);
        }

        IConfigurationSection services = section.GetSection(nameof(ZhipuLocal)).GetSection(nameof(ZhipuLocalOptions.Services));
        RefuseTexts([services, section.GetSection(nameof(ZhipuLocal)).GetSection(nameof(ZhipuLocalOptions.Profiles))]);
        foreach (IConfigurationSection service in services.GetChildren()) CheckService(service);
    }

    private static void CheckMoney(IConfiguration section)
    {
        IConfigurationSection prices = section.GetSection(nameof(Prices));
        IConfigurationSection budgets = section.GetSection(nameof(Budgets));
        IConfigurationSection models = prices.GetSection(nameof(PriceSection.Models));
        RefuseTexts([prices, models, .. models.GetChildren(), budgets, .. budgets.GetChildren(), .. budgets.GetChildren().Select(budget => budget.GetSection(nameof(BudgetSection.Tags)))]);
        RefuseTexts([section.GetSection(nameof(Ledger)), section.GetSection(nameof(Alerts))]);
        RefuseScalars(budgets.GetChildren().Select(budget => budget.GetSection(nameof(BudgetSection.Thresholds))));
        foreach (IConfigurationSection setting in models.GetChildren().SelectMany(model => model.GetChildren()))
        {
            if (setting.GetChildren().Any())
                throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{setting.Path}' cannot be read: a model whose name has a colon cannot be a key here. Price it in code (UsePrices), or in the file that Prices.File names.");
        }
    }

    /// <summary>The binder passes over a text where settings belong, too. The text itself is not shown: it may be a key.</summary>
    private static void RefuseTexts(IEnumerable<IConfigurationSection> objects)
    {
        foreach (IConfigurationSection group in objects)
        {
            if (!string.IsNullOrEmpty(group.Value)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{group.Path}' has to be an object with settings in it, and is a text.");
        }
    }

    /// <summary>The binder passes over a text where a list belongs; a key or a target would be lost without a word.</summary>
    private static void RefuseScalars(IEnumerable<IConfigurationSection> lists)
    {
        foreach (IConfigurationSection list in lists)
        {
            if (!string.IsNullOrEmpty(list.Value)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{list.Path}' has to be an array, such as [ \"…\" ].");
        }
    }

    /// <summary>The binder passes over settings where a target belongs: the alias would lose it without a word.</summary>
    private static void RefuseObjects(IEnumerable<IConfigurationSection> targets)
    {
        foreach (IConfigurationSection target in targets)
        {
            if (target.GetChildren().Any())
                throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{target.Path}' has to be a text that names a target; weights, canaries and other rules of an alias are set in code (MapModel).");
        }
    }

    /// <summary>A template is one text; written as JSON of the file it would be cut up into keys, and lost.</summary>
    private static void CheckService(IConfigurationSection service)
    {
        IConfigurationSection job = service.GetSection(nameof(ZhipuLocalServiceOptions.Job));
        RefuseTexts([service, job]);
        RefuseScalars([service.GetSection(nameof(ZhipuLocalServiceOptions.Models)), job.GetSection(nameof(ZhipuLocalJobOptions.Succeeded)), job.GetSection(nameof(ZhipuLocalJobOptions.Failed))]);
        IConfigurationSection request = service.GetSection(nameof(ZhipuLocalServiceOptions.Request));
        if (request.GetChildren().Any())
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{request.Path}' has to be one text that holds the template's JSON, such as \"{{ \\\"prompt\\\": \\\"{{{{prompt}}}}\\\" }}\".");
    }

    /// <summary>The binder names its own types and options; what it found between quotes at the end is what the reader needs.</summary>
    private static string WhatIsWrong(string message, IConfiguration section)
    {
        int names = message.IndexOf("ErrorOnUnknownConfiguration", StringComparison.Ordinal) < 0 ? -1 : message.LastIndexOf(": ", StringComparison.Ordinal);
        return names < 0 ? $"cannot be read: {message}" : $"has keys that HarborClient does not know: {string.Join(", ", message[(names + 2)..].Split(", ").Select(name => PlaceOf(name, section)))}";
    }

    /// <summary>The binder does not say where it found a key; where it stands only once, that is plain.</summary>
    private static string PlaceOf(string quoted, IConfiguration section)
    {
        string key = quoted.Trim('\'');
        string[] places = [.. section.AsEnumerable().Select(pair => pair.Key).Where(place => string.Equals(ConfigurationPath.GetSectionKey(place), key, StringComparison.OrdinalIgnoreCase))];
        return places is [var only] ? $"'{only}'" : quoted;
    }
}
