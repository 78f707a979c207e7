using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// Alerts that are posted to an address.
public sealed class AlertWebhookTests : IDisposable
{
    private const string Secret = "a secret of some length";

    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();
    private readonly Receiver _receiver = new();
    private readonly ProviderEmulator _provider;

    public AlertWebhookTests() => _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("hello").Usage(0, 1_000));

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task An_alert_is_posted_as_signed_JSON()
    {
        await using FastClient client = Client();

        await UseAsync(client, "gpt-unheard-of");

        (string body, string signature) = await _receiver.NextAsync();
        using var json = JsonDocument.Parse(body);
        json.RootElement.GetProperty("kind").GetString().Should().Be("UnpricedModel");
        json.RootElement.GetProperty("model").GetString().Should().Be("openai/gpt-unheard-of");
        json.RootElement.GetProperty("at").GetDateTimeOffset().Should().Be(_time.GetUtcNow());
        json.RootElement.GetProperty("message").GetString().Should().Contain("no known price");
        long seconds = _time.GetUtcNow().ToUnixTimeSeconds();
        byte[] hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{seconds}.{body}"));
        signature.Should().Be($"t={seconds},v1={Convert.ToHexStringLower(hash)}");
    }

    [Fact]
    public async Task A_threshold_of_a_budget_is_posted_with_how_the_budget_stands()
    {
        await using FastClient client = Client(h => h.AddBudget("team", Money.FromUsd(0.001m), budget => budget.IsHard = false));

        await client.GetResponseAsync("hi");

        using var json = JsonDocument.Parse((await _receiver.NextAsync()).Body);
        json.RootElement.GetProperty("threshold").GetDouble().Should().Be(0.5);
        JsonElement budget = json.RootElement.GetProperty("budget");
        budget.GetProperty("name").GetString().Should().Be("team");
        budget.GetProperty("limit_usd").GetDecimal().Should().Be(0.001m);
        budget.GetProperty("spent_usd").GetDecimal().Should().Be(0.0006m);
    }

    [Fact]
    public async Task What_was_not_taken_is_posted_again_after_longer_and_longer_waits()
    {
        _receiver.Then(HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests, null, HttpStatusCode.OK);
        await using FastClient client = Client();

        await UseAsync(client, "gpt-unheard-of");
        string body = (await _receiver.NextAsync()).Body;
        foreach (int seconds in new[] { 1, 2, 4 })
        {
            await _time.TimerSet(TimeSpan.FromSeconds(seconds));
            _time.Advance(TimeSpan.FromSeconds(seconds));
            (await _receiver.NextAsync()).Body.Should().Be(body);
        }

        _logs.Of(96).Should().BeEmpty();
    }

    [Fact]
    public async Task After_five_tries_it_is_left_and_neither_secret_nor_path_is_logged()
    {
        _receiver.Always(HttpStatusCode.BadGateway);
        await using FastClient client = Client();

        await UseAsync(client, "gpt-unheard-of");
        await _receiver.NextAsync();
        foreach (int seconds in new[] { 1, 2, 4, 8 })
        {
            await _time.TimerSet(TimeSpan.FromSeconds(seconds));
            _time.Advance(TimeSpan.FromSeconds(seconds));
            await _receiver.NextAsync();
        }

        await _logs.Logged(96);
        _logs.Of(96).Should().ContainSingle().Which.Message.Should().Contain("hooks.test").And.Contain("502").And.Contain("5 times");
        _logs.Entries.Should().NotContain(entry => entry.Message.Contains(Secret) || entry.Message.Contains("private-path"));
        _receiver.Always(HttpStatusCode.OK);
        await UseAsync(client, "gpt-unheard-of-too");
        (await _receiver.NextAsync()).Body.Should().Contain("unheard-of-too", "the next one is posted all the same");
    }

    [Fact]
    public async Task A_refusal_for_good_is_not_tried_again()
    {
        _receiver.Then(HttpStatusCode.Forbidden);
        await using FastClient client = Client();

        await UseAsync(client, "gpt-unheard-of");

        await _logs.Logged(96);
        _receiver.Count.Should().Be(1);
    }

    [Fact]
    public async Task A_hundred_wait_and_more_are_left_out_while_no_call_waits()
    {
        _receiver.Hold();
        await using FastClient client = Client();
        await UseAsync(client, "gpt-unheard-of");
        await _receiver.NextAsync();

        for (int i = 0; i < 102; i++) await UseAsync(client, $"gpt-unheard-of-{i}");

        _logs.Of(95).Should().HaveCount(2);
    }

    [Fact]
    public async Task Disposal_ends_the_waits_and_the_posting()
    {
        _receiver.Always(HttpStatusCode.BadGateway);
        FastClient client = Client();
        await UseAsync(client, "gpt-unheard-of");
        await UseAsync(client, "gpt-unheard-of-too");
        await _time.TimerSet(TimeSpan.FromSeconds(1));

        await client.DisposeAsync().AsTask().Guarded();
        _time.Advance(TimeSpan.FromMinutes(1));

        _receiver.Count.Should().Be(1);
    }

    [Fact]
    public async Task A_handler_that_throws_whatever_it_likes_ends_no_posting()
    {
        _receiver.Throw(new InvalidOperationException("a circuit is open"));
        await using FastClient client = Client();

        await UseAsync(client, "gpt-unheard-of");
        await _receiver.NextAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        (await _receiver.NextAsync()).Body.Should().Contain("unheard-of");
    }

    private static Task<ChatResponse> UseAsync(FastClient client, string model) => client.GetResponseAsync("hi", new ChatOptions { ModelId = $"openai/{model}" });

    private FastClient Client(Action<HarborBuilder>? configure = null) => TestClients.OpenAI(_provider, _time, configure: h =>
    {
        h.UseLoggerFactory(_logs).UseAlerts(alerts =>
        {
            (alerts.Webhook, alerts.WebhookSecret) = (new Uri("https://hooks.test/private-path"), Secret);
            alerts.UseHandler(_receiver);
        });
        configure?.Invoke(h);
    });

    // Takes posts, and answers as it is told; null for no answer at all.
    private sealed class Receiver : HttpMessageHandler
    {
        private readonly System.Threading.Channels.Channel<(string Body, string Signature)> _posts = System.Threading.Channels.Channel.CreateUnbounded<(string, string)>();
        private readonly ConcurrentQueue<HttpStatusCode?> _next = new();
        private volatile bool _holds;
        private Exception? _error;
        private int _count;

        public int Count => Volatile.Read(ref _count);

        private HttpStatusCode Otherwise { get; set; } = HttpStatusCode.OK;

        public void Then(params HttpStatusCode?[] answers)
        {
            foreach (HttpStatusCode? answer in answers) _next.Enqueue(answer);
        }

        public void Always(HttpStatusCode answer) => Otherwise = answer;

        public void Hold() => _holds = true;

        public void Throw(Exception error) => _error = error;

        public async Task<(string Body, string Signature)> NextAsync() => await _posts.Reader.ReadAsync().Guarded();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Interlocked.Increment(ref _count);
            _posts.Writer.TryWrite((body, request.Headers.GetValues("X-HarborClient-Signature").Single()));
            if (Interlocked.Exchange(ref _error, null) is { } error) throw error;
            if (_holds) await Task.Delay(Timeout.Infinite, cancellationToken);
            HttpStatusCode? answer = _next.TryDequeue(out HttpStatusCode? next) ? next : Otherwise;
            return answer is { } status ? new HttpResponseMessage(status) : throw new HttpRequestException(HttpRequestError.ConnectionError, "https://hooks.test/private-path");
        }
    }
}
