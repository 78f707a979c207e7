using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using HarborClient.Testing;

namespace HarborClient.Tests.Faults;

// A host in as few instructions as possible, for a million calls: one fixed answer, outages by a seeded schedule, and faults by a seeded chance. One thread at a time.
internal sealed class LeanHost : HttpMessageHandler
{
    private const double LongestOutage = 60;
    private const double ShortestOutage = 5;

    private static readonly byte[] Answer =
        """{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}"""u8.ToArray();

    private static readonly byte[] Failure = """{"error":{"message":"injected","type":"server_error"}}"""u8.ToArray();

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ManualTimeProvider _time;
    private readonly Random _random;
    private readonly double _downShare;
    private readonly double _faultShare;

    // The outage that is on or comes next, in seconds of the clock.
    private double _from;
    private double _until;

    public LeanHost(ManualTimeProvider time, int seed, double downShare, double faultShare)
    {
        _time = time;
        _random = new Random(seed);
        _downShare = downShare;
        _faultShare = faultShare;
        PlanOutage();
    }

    public int Requests { get; private set; }

    public int RequestsWhileDown { get; private set; }

    public int Outages { get; private set; }

    public bool IsDown
    {
        get
        {
            double now = TimeSpan.FromTicks(_time.GetTimestamp()).TotalSeconds;
            while (now >= _until) PlanOutage();
            return now >= _from;
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests++;
        if (IsDown)
        {
            RequestsWhileDown++;
            return Broken(HttpRequestError.ConnectionError, new SocketException((int)SocketError.ConnectionRefused));
        }

        return _faultShare > 0 && _random.NextDouble() < _faultShare ? Fault() : Task.FromResult(Reply(HttpStatusCode.OK, Answer));
    }

    private Task<HttpResponseMessage> Fault() => _random.Next(4) switch
    {
        0 => Task.FromResult(Reply(HttpStatusCode.InternalServerError, Failure)),
        1 => Task.FromResult(Reply(HttpStatusCode.ServiceUnavailable, Failure)),
        2 => Task.FromResult(Reply(HttpStatusCode.TooManyRequests, Failure)),
        _ => Broken(HttpRequestError.Unknown, new IOException("reset", new SocketException((int)SocketError.ConnectionReset))),
    };

    private static Task<HttpResponseMessage> Broken(HttpRequestError error, Exception cause) =>
        Task.FromException<HttpResponseMessage>(new HttpRequestException(error, cause.Message, cause));

    // Outages of 5 to 60 s; between them exponential times, so that each second has the same chance and the share comes out.
    private void PlanOutage()
    {
        double length = ShortestOutage + (_random.NextDouble() * (LongestOutage - ShortestOutage));
        double meanUp = _downShare > 0 ? (ShortestOutage + LongestOutage) / 2 * (1 - _downShare) / _downShare : double.PositiveInfinity;
        _from = _until + (-Math.Log(1 - _random.NextDouble()) * meanUp);
        _until = _from + length;
        Outages++;
    }

    private static HttpResponseMessage Reply(HttpStatusCode status, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = Json;
        return new HttpResponseMessage(status) { Content = content };
    }
}
