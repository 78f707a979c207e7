using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Load;

/// <summary>A way to read one stream, with a client of its own: connections and their buffers belong to what a stream holds.</summary>
/// <param name="Name">As it is shown.</param>
/// <param name="Create">Makes the client; what it returns reads one stream and tells of every update (bare: of every read).</param>
internal sealed record StreamReader(string Name, Func<Uri, (IDisposable Client, Func<Action, Task> ReadAsync)> Create)
{
    internal static IReadOnlyList<StreamReader> All { get; } =
    [
        new("bare HttpClient", Bare),
        .. Enum.GetValues<PerformanceMode>().Select(mode => new StreamReader($"HarborClient {mode} as IChatClient", endpoint => Updates(endpoint, mode))),
        .. Enum.GetValues<PerformanceMode>().Select(mode => new StreamReader($"HarborClient {mode} as text", endpoint => Text(endpoint, mode))),
    ];

    private static (IDisposable Client, Func<Action, Task> ReadAsync) Bare(Uri endpoint)
    {
        byte[] body = Requests.Body(Dialect.OpenAI, isStream: true);
        var address = new Uri(endpoint, Dialect.OpenAI.Path);
        var http = new HttpClient(Handlers.Create(Protocol.Http1)) { Timeout = Timeout.InfiniteTimeSpan };
        return (http, async arrived =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using Stream stream = await response.Content.ReadAsStreamAsync();
            byte[] buffer = new byte[4096];
            while (await stream.ReadAsync(buffer) > 0) arrived();
        });
    }

    private static (IDisposable Client, Func<Action, Task> ReadAsync) Updates(Uri endpoint, PerformanceMode mode)
    {
        FastClient client = FastClient.Create(h => Dialect.OpenAI.Register(h, endpoint, null));
        return (client, async arrived =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Requests.Question(1), Requests.Options(mode))) arrived();
        });
    }

    private static (IDisposable Client, Func<Action, Task> ReadAsync) Text(Uri endpoint, PerformanceMode mode)
    {
        FastClient client = FastClient.Create(h => Dialect.OpenAI.Register(h, endpoint, null));
        return (client, async arrived =>
        {
            await foreach (string _ in client.StreamTextAsync(Requests.Question(1), Requests.Options(mode))) arrived();
        });
    }
}
