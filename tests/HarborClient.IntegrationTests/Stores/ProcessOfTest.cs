namespace HarborClient.IntegrationTests.Stores;

// A process of a service: a client, and callers that ask again as soon as they are answered or refused.
internal sealed class ProcessOfTest : IAsyncDisposable
{
    private readonly FastClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _callers;
    private int _answered;

    public ProcessOfTest(ManualTimeProvider time, HttpMessageHandler host, ILimitExchange? exchange, int callers)
    {
        _client = FastClient.Create(builder =>
        {
            builder.AddLocal("lab", new Uri("http://lab.test:8000/v1/"), lab =>
            {
                lab.UseHandler(host);
                lab.Retry.MaximumAttempts = 1;
                lab.Limits.MaximumWait = TimeSpan.FromHours(1);
            }).UseDefaultModel("lab/model").UseTimeProvider(time).UseClocks(clocks => clocks.TotalTimeout = TimeSpan.FromHours(1));
            if (exchange is not null) builder.UseLimitExchange(exchange);
        });
        _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => CallAsync()));
    }

    public int Answered => Volatile.Read(ref _answered);

    public int Queued => _client.Health.Targets.Sum(target => target.Queued);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _callers;
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private async Task CallAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _client.GetResponseAsync("hi", cancellationToken: _stop.Token).ConfigureAwait(false);
                Interlocked.Increment(ref _answered);
            }
            catch (HarborException e) when (e.Kind == ErrorKind.RateLimited)
            {
                // The host had no place.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
