using System.Net;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Capabilities;

// What a provider does with a feature, seen from outside: by what it sends, refuses and logs.
internal static class CapabilityProbe
{
    public const string Sent = "yes";
    public const string Refused = "refused";
    public const string LeftOut = "left out";
    public const string Dropped = "DROPPED WITHOUT A WORD";

    public static async Task<string> LookAsync(Action<HarborBuilder, HttpMessageHandler> add, string model, CapabilityFeature feature)
    {
        (string? plain, _, _) = await SendAsync(add, model, feature.Baseline);
        (string? body, IReadOnlyCollection<string> log, HarborException? error) = await SendAsync(add, model, feature.Apply);
        if (body is null) return error is { Kind: ErrorKind.InvalidRequest } ? Refused : throw new InvalidOperationException($"{model}: {feature.Name} was not sent: {error}");
        if (log.Any(line => line.Contains("was not sent", StringComparison.Ordinal) || line.Contains("was not offered", StringComparison.Ordinal))) return LeftOut;
        return body != plain || feature.Name == "text" ? Sent : Dropped;
    }

    private static async Task<(string? Body, IReadOnlyCollection<string> Log, HarborException? Error)> SendAsync(
        Action<HarborBuilder, HttpMessageHandler> add, string model, Action<List<ChatMessage>, ChatOptions> apply)
    {
        var handler = new RefusingHandler();
        using var logs = new ListLoggerFactory();
        await using FastClient client = FastClient.Create(h =>
        {
            add(h, handler);
            h.UseLoggerFactory(logs);
        });
        List<ChatMessage> messages = [new(ChatRole.User, "hi")];
        var options = new ChatOptions { ModelId = model };
        apply(messages, options);
        try
        {
            await client.GetResponseAsync(messages, options);
            throw new InvalidOperationException("The host refuses everything.");
        }
        catch (HarborException e)
        {
            return (handler.Body, logs.Lines, e);
        }
    }

    // Keeps the request and answers that it knows no such path.
    private sealed class RefusingHandler : HttpMessageHandler
    {
        public string? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Body = $"{request.RequestUri} {string.Join(';', request.Headers.NonValidated.Where(header => header.Key.StartsWith("anthropic", StringComparison.OrdinalIgnoreCase)).Select(header => header.Value))} {Ids().Replace(body, "id")}";
            return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new ByteArrayContent([]) };
        }

        // Ids that are made up for each request.
        private static System.Text.RegularExpressions.Regex Ids() => new("\"request_id\":\"[^\"]*\"");
    }
}
