using System.Net;
using System.Net.Http.Headers;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Clients;

/// <summary>The bytes that HarborClient sends for a call, for the bare client to send them prebuilt.</summary>
internal static class CapturedBody
{
    internal static async Task<byte[]> OfAsync(Dialect dialect, IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        using var handler = new Keeper(dialect.Answers.Plain);
        await using FastClient client = FastClient.Create(h => dialect.Register(h, dialect.Endpoint(new Route(StreamKind.Text), new Uri("http://127.0.0.1")), handler));
        await client.GetResponseAsync(messages, options);
        return handler.Body;
    }

    private sealed class Keeper(byte[] answer) : HttpMessageHandler
    {
        internal byte[] Body { get; private set; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            var content = new ByteArrayContent(answer);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
        }
    }
}
