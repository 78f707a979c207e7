using System.Net;
using System.Text;

namespace HarborClient.IntegrationTests.Stores;

// Takes so many requests at once, for 2 to 6 s each, and refuses the rest after a tenth of a second. Thread-safe.
internal sealed class HostOfPlaces(TimeProvider time, int places) : HttpMessageHandler
{
    private const string Answer = """{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""";
    private const string Refusal = """{"error":{"message":"no place","type":"rate_limit_error"}}""";

    private readonly Lock _gate = new();
    private readonly Random _random = new(11);
    private int _busy;
    private int _inFlight;

    public int InFlight => Volatile.Read(ref _inFlight);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool isTaken;
        Task wait;
        lock (_gate)
        {
            isTaken = _busy < places;
            if (isTaken) _busy++;
            wait = Task.Delay(isTaken ? TimeSpan.FromSeconds(2 + (4 * _random.NextDouble())) : TimeSpan.FromSeconds(0.1), time, cancellationToken);
        }

        Interlocked.Increment(ref _inFlight);
        try
        {
            await wait.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            if (isTaken) lock (_gate) _busy--;
        }

        return new HttpResponseMessage(isTaken ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests) { Content = new StringContent(isTaken ? Answer : Refusal, Encoding.UTF8, "application/json") };
    }
}
