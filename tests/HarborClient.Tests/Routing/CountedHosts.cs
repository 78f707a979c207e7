using System.Net;

namespace HarborClient.Tests.Routing;

// Own hosts "a", "b" and "c" that answer at once and count what they are asked; each can be told to fail or to wait.
internal sealed class CountedHosts
{
    private static readonly byte[] Answer = """{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}"""u8.ToArray();
    private static readonly string[] Names = ["a", "b", "c"];

    private readonly Dictionary<string, int> _asked = Names.ToDictionary(name => name, _ => 0);
    private readonly Dictionary<string, Func<Task<HttpResponseMessage>>> _behaviours = [];

    // The order in which hosts were asked.
    public List<string> Sequence { get; } = [];

    public int Asked(string host) => _asked[host];

    public void Fail(string host, HttpStatusCode status) => _behaviours[host] = () => Task.FromResult(new HttpResponseMessage(status));

    public void Reply(string host, HttpStatusCode status, string json) => _behaviours[host] = () => Task.FromResult(Json(status, System.Text.Encoding.UTF8.GetBytes(json)));

    public void AnswerAfter(string host, Task signal) => _behaviours[host] = async () =>
    {
        await signal;
        return Json(HttpStatusCode.OK, Answer);
    };

    public void Heal(string host) => _behaviours.Remove(host);

    public FastClient Client(Action<ModelMapBuilder> map, Action<HarborBuilder>? configure = null, PerformanceMode mode = PerformanceMode.Fast, TimeProvider? time = null) => FastClient.Create(builder =>
    {
        foreach (string name in Names) builder.AddLocal(name, new Uri($"http://{name}.test:8000/v1/"), local => local.UseHandler(new Handler(this, name)));
        builder.MapModel("chat", map).UseDefaultModel("chat").UseMode(mode).UseRandomSeed(1).UseTimeProvider(time ?? TimeProvider.System);
        configure?.Invoke(builder);
    });

    public static async Task Ask(FastClient client, int times, Func<int, ChatOptions?>? options = null)
    {
        for (int i = 0; i < times; i++) await client.GetResponseAsync("hi", options?.Invoke(i));
    }

    private static HttpResponseMessage Json(HttpStatusCode status, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return new HttpResponseMessage(status) { Content = content };
    }

    private sealed class Handler(CountedHosts hosts, string name) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (hosts._asked)
            {
                hosts._asked[name]++;
                hosts.Sequence.Add(name);
            }

            return hosts._behaviours.TryGetValue(name, out Func<Task<HttpResponseMessage>>? behave) ? behave().WaitAsync(cancellationToken) : Task.FromResult(Json(HttpStatusCode.OK, Answer));
        }
    }
}
