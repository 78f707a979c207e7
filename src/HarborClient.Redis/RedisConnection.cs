using StackExchange.Redis;

namespace HarborClient.Redis;

/// <summary>A connection of the caller's, or one of our own that is opened in the background at once. It reconnects by itself.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ConfigurationOptions? _own;
    private Task<IConnectionMultiplexer>? _connection;
    private bool _isDisposed;

    /// <param name="connection">Stays the caller's.</param>
    internal RedisConnection(IConnectionMultiplexer connection) => _connection = Task.FromResult(connection);

    /// <param name="configuration">As StackExchange.Redis reads it.</param>
    /// <param name="setting">What the configuration was given to, for the message.</param>
    internal RedisConnection(string configuration, string setting)
    {
        _own = Read(configuration, setting);
        _connection = OpenAsync(_own);
    }

    /// <exception cref="HarborException">It cannot be read (Configuration).</exception>
    internal static ConfigurationOptions Read(string configuration, string setting)
    {
        ConfigurationOptions read;
        try
        {
            read = ConfigurationOptions.Parse(configuration);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // The text may hold a password, so it is not shown.
            throw new HarborException(ErrorKind.Configuration, $"The configuration given to {setting} is not one of StackExchange.Redis: expected is 'host:6379' and options after commas.", e);
        }

        if (read.EndPoints.Count == 0) throw new HarborException(ErrorKind.Configuration, $"The configuration given to {setting} names no host: expected is 'host:6379' and options after commas.");

        // A server that is away when the program starts is no reason not to start.
        read.AbortOnConnectFail = false;
        return read;
    }

    internal async ValueTask<IDatabase> DatabaseAsync() => (await ConnectAsync().ConfigureAwait(false)).GetDatabase();

    /// <summary>Runs a script on the node that has the keys.</summary>
    internal static async Task<RedisValue[]> RunAsync(IDatabase database, string script, RedisKey[] keys, RedisValue[] arguments)
    {
        RedisResult result;
        try
        {
            result = await database.ScriptEvaluateAsync(script, keys, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // The server was restarted or its scripts were flushed; the client has noticed and sends the text this time.
            result = await database.ScriptEvaluateAsync(script, keys, arguments).ConfigureAwait(false);
        }

        return (RedisValue[]?)result ?? [];
    }

    /// <summary>Waits for a command until it is cancelled. The client has no way to take a command back: its answer is nobody's then, and neither is its error.</summary>
    internal static async Task<T> WaitAsync<T>(Task<T> command, CancellationToken cancellationToken)
    {
        try
        {
            return await command.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!command.IsCompleted)
        {
            _ = command.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Closes what was opened here; what it is doing is given up.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<IConnectionMultiplexer>? connection;
        lock (_gate)
        {
            if (_isDisposed || _own is null) return;
            _isDisposed = true;
            connection = _connection;
        }

        if (connection is null) return;
        try
        {
            IConnectionMultiplexer made = await connection.ConfigureAwait(false);
            await made.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
            made.Dispose();
        }
        catch (RedisConnectionException)
        {
            // It never came about: there is nothing to close.
        }
    }

    internal Task<IConnectionMultiplexer> ConnectAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);

            // One that failed is tried again by whoever asks next.
            if (_connection is null or { IsFaulted: true } or { IsCanceled: true }) _connection = OpenAsync(_own!);
            return _connection;
        }
    }

    /// <summary>On another thread: the client library compiles and connects for a tenth of a second before it first waits, and nobody who builds a client should.</summary>
    private static async Task<IConnectionMultiplexer> OpenAsync(ConfigurationOptions options)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false);
    }
}
