using System.Diagnostics;

namespace HarborClient.IntegrationTests.Programs;

// The web sample as its users run it, on a free port.
public sealed class WebApiTests
{
    private const string Listening = "Now listening on: ";

    [Fact]
    public async Task In_Development_it_streams_an_answer_as_server_sent_events_without_a_key()
    {
        using var guard = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using Process app = Start();
        try
        {
            string address = await AddressAsync(app, guard.Token);
            using var http = new HttpClient();

            using HttpResponseMessage response = await http.GetAsync(new Uri($"{address}/ask?question=hi"), guard.Token);
            string body = await response.Content.ReadAsStringAsync(guard.Token);

            response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
            body.Should().StartWith("data: An\n\ndata:  answer\n\n");
        }
        finally
        {
            app.Kill();
            await app.WaitForExitAsync(guard.Token);
        }
    }

    private static Process Start() => Process.Start(new ProcessStartInfo(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [Repository.Sample("WebApi"), "--urls", "http://127.0.0.1:0", "--environment", "Development"])
    {
        WorkingDirectory = Repository.PathOf("samples", "WebApi"),
        RedirectStandardOutput = true,
    })!;

    private static async Task<string> AddressAsync(Process app, CancellationToken cancellationToken)
    {
        while (await app.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            int found = line.IndexOf(Listening, StringComparison.Ordinal);
            if (found >= 0) return line[(found + Listening.Length)..].Trim();
        }

        throw new InvalidOperationException("The web sample ended before it listened.");
    }
}
