using System.Runtime.CompilerServices;
using HarborClient.Costs;
using HarborClient.Edge;
using HarborClient.Embeddings;
using HarborClient.Errors;
using HarborClient.Limits;
using HarborClient.Pipeline;
using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Routing;
using HarborClient.Telemetry;
using HarborClient.Tokens;
using HarborClient.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <summary>
/// One client for every provider: an <see cref="IChatClient"/> and an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> whose calls run through the
/// pipeline that <see cref="Describe"/> shows.
/// </summary>
/// <remarks>
/// Thread-safe; make one and keep it. Disposing it cancels the calls in flight and leaves handlers and time providers that were handed in alone.
/// </remarks>
public sealed partial class FastClient : IChatClient, IEmbeddingGenerator<string, Embedding<float>>, IAsyncDisposable
{
    private readonly Dictionary<string, Provider> _providers;
    private readonly ResourceCounters _counters;
    private readonly CallFactory _calls;
    private readonly EmbeddingBatcher _embeddings;
    private readonly PipelineStage[] _pipelines;
    private readonly LimitSharing? _sharing;
    private readonly BudgetSharing? _spending;
    private readonly BackgroundCalls? _shadows;
    private readonly ToolLoop? _tools;
    private readonly string? _defaultModel;
    private readonly string? _defaultEmbeddingModel;
    private readonly CancellationTokenSource _shutdown = new();
    private int _isDisposed;

    internal FastClient(FastClientParts parts, Dictionary<string, Provider> providers, LimitSharing? sharing, ResponseCache cache, ILedgerStore? ledgerStore, BudgetSharing? spending)
    {
        Cache = cache;
        _sharing = sharing;
        _spending = spending;
        _providers = providers;
        _counters = parts.Counters;
        _memory = parts.Memory;
        _defaultEmbeddingModel = parts.DefaultEmbeddingModel;
        _health = new HealthTable(parts.Time, parts.Random, sharing);
        var models = new ModelResolver(providers.Values.Select(EntryOf), parts.Models, _health, parts.Hedging is { } hedging ? new HedgeBudget(hedging) : null);
        _defaultModel = parts.DefaultModel ?? (providers.Count == 1 && providers.Values.First() is { DefaultModel: not null } only ? only.Name : null);
        if (_defaultModel is not null) models.Resolve(_defaultModel, ErrorKind.Configuration);
        if (parts.QuestionModel is not null) models.ResolveEmbedding(parts.QuestionModel, ErrorKind.Configuration);
        if (_defaultEmbeddingModel is not null) models.ResolveEmbedding(_defaultEmbeddingModel, ErrorKind.Configuration);
        var settings = new CallSettings { Cache = parts.Cache.Policy, Mode = parts.Mode, TotalTimeout = parts.Clocks.TotalTimeout, Priority = CallPriority.Normal, Local = parts.Local };
        _tokens = new TokenEstimator(parts.ValueJson);
        CallerLimits? callers = parts.CallerLimits is { } limits ? new CallerLimits(limits, parts.Time, sharing) : null;
        _refreshes = new BackgroundCalls(parts.Time);
        _shadows = models.HasShadows ? new BackgroundCalls(parts.Time) : null;
        _pipelines = PipelineRecipes.Link(providers, parts.Stages, callers, parts.HedgesSome, _tokens, _shadows, Cache, _refreshes, SetupOf(parts), parts.Prices);
        _tokenCounter = parts.TokenCounter;
        (Costs, CallServices services) = ConnectMoney(parts, ledgerStore);
        _calls = new CallFactory(this, services, settings, models, _tokens, _pipelines, _defaultModel, _defaultEmbeddingModel);
        _tools = parts.Tools is { } tools ? new ToolLoop(_calls, tools, parts.Services) : null;
        _embeddings = new EmbeddingBatcher(_calls, target => providers[target.Provider].EmbeddingLimits, new EmbeddingCache(_calls, PipelineRecipes.KeysOf(providers), Cache));
        ConnectCache(PipelineRecipes.KeysOf(providers));
        CheckLevels(parts);
        _gauges = TargetMeter.Add(ReadTargets);
        _budgets = parts.Budgets.IsEmpty ? null : BudgetMeter.Add(() => ReadBudgets(parts.Budgets, parts.Time));
        if (parts.Logger.IsEnabled(LogLevel.Information))
            Log.ClientBuilt(parts.Logger, ErrorFactory.List(providers.Keys), Describe(PerformanceMode.Fast), Describe(PerformanceMode.Balanced), Describe(PerformanceMode.Full));
    }

    /// <summary>Builds a client.</summary>
    /// <param name="configure">Adds providers and settings.</param>
    /// <returns>The client; the caller disposes it.</returns>
    /// <exception cref="HarborException">A setting is wrong (<see cref="ErrorKind.Configuration"/>); the message names it.</exception>
    public static FastClient Create(Action<HarborBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new HarborBuilder();
        configure(builder);
        return builder.Build();
    }

    /// <inheritdoc/>
    /// <exception cref="HarborException">The call failed; see <see cref="HarborException.Kind"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return RunChatAsync(messages, options, cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    /// <remarks>Starts nothing before it is enumerated; each enumeration is a new call. The last update has no content and carries the call's information.</remarks>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (_tools is { } tools && tools.Serves(options)) return new ToolUpdateStream(tools, messages, options, cancellationToken);
        return new UpdateStream(token => _calls.BeginChat(messages, options, isStreaming: true, token), cancellationToken);
    }

    /// <summary>Streams an answer as pieces of text: the leanest way to read one.</summary>
    /// <param name="prompt">The user's message.</param>
    /// <param name="options">Model and settings; <see cref="HarborChatOptions"/> has those of HarborClient.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The text, and <see cref="HarborTextStream.Info"/> after its end.</returns>
    public HarborTextStream StreamTextAsync(string prompt, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return StreamTextAsync([new ChatMessage(ChatRole.User, prompt)], options, cancellationToken);
    }

    /// <summary>Streams an answer as pieces of text: the leanest way to read one.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Model and settings; <see cref="HarborChatOptions"/> has those of HarborClient.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The text, and <see cref="HarborTextStream.Info"/> after its end.</returns>
    public HarborTextStream StreamTextAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (_tools is { } tools && tools.Serves(options)) return ToolTextEdge.Stream(tools, messages, options, cancellationToken);
        return new HarborTextStream(token => _calls.BeginChat(messages, options, isStreaming: true, token), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Small calls that are made while others of the same model are under way share requests, and a call that is too large for one request becomes several;
    /// see <see cref="EmbeddingBatchOptions"/>. Nobody waits while the model is idle.
    /// </remarks>
    /// <exception cref="HarborException">The call failed; see <see cref="HarborException.Kind"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return RunEmbeddingsAsync(values, options, cancellationToken);
    }

    /// <summary>This client, for code that takes only the chat interface.</summary>
    /// <returns>The same instance.</returns>
    public IChatClient AsChatClient() => this;

    /// <summary>This client, for code that takes only the embedding interface.</summary>
    /// <returns>The same instance.</returns>
    public IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator() => this;

    /// <summary>What the client holds at this moment; all zero when no call is running.</summary>
    /// <returns>A snapshot.</returns>
    public Outstanding Outstanding() => _counters.Snapshot();

    /// <summary>The stages that calls of a mode run through.</summary>
    /// <param name="mode">The mode.</param>
    /// <returns>Their names, outermost first.</returns>
    public PipelineDescription Describe(PerformanceMode mode)
    {
        SettingCheck.Defined<PerformanceMode>(mode, nameof(mode), ErrorKind.InvalidRequest);
        return PipelineRecipes.Describe(mode, _pipelines[(int)mode]);
    }

    /// <summary>Cancels the calls in flight and gives connections back. Idempotent.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        try
        {
            // First: what the cache has asked for ends by the client's will, and is no failure.
            Cache.Stop();
            _shutdown.Cancel();
        }
        finally
        {
            _gauges.Dispose();
            _budgets?.Dispose();
            _sharing?.Stop();
            _spending?.Stop();
            Cache.Abandon();
            foreach (Provider provider in _providers.Values) provider.Dispose();
        }
    }

    /// <summary>Cancels the calls in flight and gives connections back. Idempotent.</summary>
    /// <returns>A task that completes when nothing runs any more that the client started: within about a second, or five for each cache level that has answers to write.</returns>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_shadows is not null) await _shadows.StopAsync().ConfigureAwait(false);
        await _refreshes.StopAsync().ConfigureAwait(false);
        await Cache.DisposeAsync().ConfigureAwait(false);
        if (_sharing is not null) await _sharing.DisposeAsync().ConfigureAwait(false);
        if (_spending is not null) await _spending.DisposeAsync().ConfigureAwait(false);
        await Costs.StopAsync().ConfigureAwait(false);
    }

    /// <summary>On a pooled state machine; the task that the caller gets beside it is smaller than one that holds the state (88 B against 160 B).</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ChatResponse> RunChatAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        if (_tools is { } tools && tools.Serves(options)) return await tools.RunAsync(messages, options, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        (Call call, PipelineStage pipeline) = _calls.BeginChat(messages, options, isStreaming: false, cancellationToken);
        return await PlainEdge.RunChatAsync(call, pipeline).ConfigureAwait(false);
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> RunEmbeddingsAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        string[] inputs = [.. values];
        if (Array.Exists(inputs, input => input is null)) throw new ArgumentException("One of the values is null.", nameof(values));
        if (inputs.Length == 0) return [];
        EmbeddingResult result = await _embeddings.RunAsync(inputs, options, cancellationToken).ConfigureAwait(false);
        return result.Show();
    }
}
