using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Cache;

/// <summary>A provider in memory that counts what it is asked, and whose answer begins with the number of the question.</summary>
internal sealed class CountingProvider : HttpMessageHandler
{
    private static readonly MediaTypeHeaderValue Events = new("text/event-stream");

    private int _asked;

    internal int Asked => Volatile.Read(ref _asked);

    internal static string Question(int number) => $"question {Digits(number)}: {Words.Question}";

    /// <summary>What the answer to a question begins with.</summary>
    internal static string Answer(int number) => $"answer {Digits(number)}. ";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = await request.Content!.ReadAsStringAsync(cancellationToken);
        const string Before = "question ";
        int number = int.Parse(body.AsSpan(body.IndexOf(Before, StringComparison.Ordinal) + Before.Length, 5), CultureInfo.InvariantCulture);
        Interlocked.Increment(ref _asked);
        var content = new ByteArrayContent(ChatWire.Short(Answer(number) + Words.Answer));
        content.Headers.ContentType = Events;
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request };
    }

    private static string Digits(int number) => number.ToString("D5", CultureInfo.InvariantCulture);
}
