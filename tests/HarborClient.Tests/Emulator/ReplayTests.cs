using System.Text;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Emulator;

public sealed class ReplayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorded-").FullName;

    public void Dispose()
    {
        KeyWatch.ReadFiles(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_recording_comes_back_with_its_status_headers_bytes_and_chunks()
    {
        Write("meta.json", """
            {"provider":"openai-chat","protocol":"chat","status":200,"stream":true,"method":"POST","path":"/v1/chat/completions",
             "headers":{"content-type":"text/event-stream","x-request-id":"req_1","transfer-encoding":"chunked","retry-after":"48"},
             "transport_chunk_sizes":[5,13,4]}
            """);
        Write("response.sse", "data: {\"a\":1}\r\n\r\n: end");
        Write("request.json", "{}");
        Write("expected.json", """{"kind":"chat"}""");
        var exchange = RecordedExchange.Load(_folder);
        var provider = new ProviderEmulator().ThenReplay(exchange);

        using var response = await provider.SendAsync(Requests.Post("anything/at/all", "{}"));
        var reads = await response.ReadsAsync();

        reads.Should().Equal("data:", " {\"a\":1}\r\n\r\n:", " end");
        response.Headers.GetValues("x-request-id").Should().Equal("req_1");
        response.Headers.GetValues("retry-after").Should().Equal("48");
        response.Headers.TransferEncodingChunked.Should().BeNull();
        exchange.ReadExpected()!.Value.GetProperty("kind").GetString().Should().Be("chat");
        exchange.RequestPath.Should().Be("/v1/chat/completions");
    }

    [Fact]
    public async Task Recorded_chunks_are_framed_as_events_and_can_be_cut()
    {
        Write("meta.json", """{"provider":"compat","protocol":"chat","status":200,"stream":true,"path":null,"headers":{"content-type":"text/event-stream"}}""");
        Write("chunks.jsonl", "{\"a\":1}\n{\"b\":2}\n");
        var exchange = RecordedExchange.Load(_folder);
        var provider = new ProviderEmulator().ThenReplay(exchange).ThenReplay(exchange, reply => reply.CutAfterUpdates(1));

        using var whole = await provider.SendAsync(Requests.Chat());
        var cut = await provider.AskAsync(Requests.Chat());

        (await whole.ReadsAsync()).Should().Equal("data: {\"a\":1}\n\n", "data: {\"b\":2}\n\n", "data: [DONE]\n\n");
        cut.Should().Be("data: {\"a\":1}\n\n");
        provider.Attempts[1].Outcome.Should().Be(AttemptOutcome.Cut);
    }

    [Fact]
    public void A_folder_without_a_body_says_what_is_missing()
    {
        Write("meta.json", """{"provider":"compat","protocol":"chat","status":200}""");

        var loading = () => RecordedExchange.Load(_folder);

        loading.Should().Throw<FileNotFoundException>().WithMessage("*response.sse*chunks.jsonl*");
    }

    [RecordedTrafficFact]
    public async Task Every_recorded_exchange_replays_byte_for_byte_at_any_split()
    {
        var exchanges = RecordedTraffic.All();
        var time = new ManualTimeProvider();
        foreach (var exchange in exchanges)
        {
            var provider = new ProviderEmulator(time).ThenReplay(exchange).ThenReplay(exchange, reply => reply.ChunkSize(7));
            using var asRecorded = await provider.SendAsync(Requests.Chat());
            using var split = await provider.SendAsync(Requests.Chat());

            var reads = await asRecorded.ReadsAsync();
            ((int)asRecorded.StatusCode).Should().Be(exchange.StatusCode);
            string.Concat(reads).Length.Should().Be(Encoding.UTF8.GetString(exchange.Body.Span).Length, exchange.Name);
            (await split.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(exchange.Body.Span).Should().BeTrue(exchange.Name);
            if (exchange.ChunkSizes.Count > 1)
            {
                reads.Should().HaveCount(exchange.ChunkSizes.Count, exchange.Name);
            }
        }

        exchanges.Should().NotBeEmpty();
        TestReport.Add($"all providers: {exchanges.Count} recorded exchanges served byte for byte, as recorded and in chunks of 7");
        RecordedTraffic.Of("openai-chat").Should().OnlyContain(exchange => exchange.Provider == "openai-chat");
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
