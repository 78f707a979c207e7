using HarborClient.Benchmarks.Clients;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Quick;

/// <summary>
/// HarborClient against a bare HttpMessageInvoker that moves the same bytes, in memory, in interleaved rounds of one process; medians. Both have no
/// socket below them, so the processor ratio is far above what a network call shows, and the bytes are what a call allocates above the bare one.
/// </summary>
internal static class QuickComparison
{
    private const int Rounds = 15;
    private const int CallsPerRound = 300;
    private const string OneShot = "one-shot, 1 KB answer";
    private const string Stream = "stream of 200 updates";

    internal static async Task RunAsync()
    {
        using var plain = new FixedHandler(FixedAnswers.OpenAI.Plain, "application/json");
        using var events = new FixedHandler([.. FixedAnswers.OpenAI.StreamOf(StreamKind.Text).SelectMany(write => write)], "text/event-stream");
        await using FastClient plainClient = Client(plain);
        await using FastClient streamClient = Client(events);
        Contestant[] contestants = [.. Contestants(plain, plainClient, events, streamClient)];

        // Long enough for the compiler's last tier; these rounds are thrown away.
        for (int round = 0; round < 5; round++) await RoundAsync(contestants);
        foreach (Contestant contestant in contestants)
        {
            contestant.Microseconds.Clear();
            contestant.Bytes.Clear();
        }

        for (int round = 0; round < Rounds; round++) await RoundAsync(contestants);
        Print(contestants);
    }

    private static IEnumerable<Contestant> Contestants(FixedHandler plain, FastClient plainClient, FixedHandler events, FastClient streamClient)
    {
        yield return Bare(OneShot, plain, "false");
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
        {
            // Full has plain calls streamed by the provider, so it is answered with events and moves their bytes.
            FastClient client = mode == PerformanceMode.Full ? streamClient : plainClient;
            string name = mode == PerformanceMode.Full ? "Full (200 updates folded)" : mode.ToString();
            yield return new Contestant(OneShot, name, async _ => await client.GetResponseAsync(Question(), Options(mode)));
        }

        yield return Bare(Stream, events, "true");
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
        {
            yield return new Contestant(Stream, $"{mode}, as IChatClient", async _ =>
            {
                await foreach (ChatResponseUpdate update in streamClient.GetStreamingResponseAsync(Question(), Options(mode))) Touch(update);
            });
            yield return new Contestant(Stream, $"{mode}, as text", async _ =>
            {
                await foreach (string piece in streamClient.StreamTextAsync(Question(), Options(mode))) Touch(piece);
            });
        }
    }

    private static Contestant Bare(string work, FixedHandler handler, string stream)
    {
        byte[] request = System.Text.Encoding.UTF8.GetBytes(
            $$"""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"{{Words.Question}}"}],"temperature":0,"seed":1,"stream":{{stream}}}""");
        var address = new Uri("http://127.0.0.1/v1/chat/completions");
        byte[] buffer = new byte[4096];
        var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        return new Contestant(work, "bare HttpMessageInvoker", async _ =>
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(request), Version = HttpVersion.Version11 };
            message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            message.Headers.TryAddWithoutValidation("Authorization", "Bearer key");
            using HttpResponseMessage response = await invoker.SendAsync(message, CancellationToken.None);
            using Stream body = await response.Content.ReadAsStreamAsync();
            while (await body.ReadAsync(buffer) > 0)
            {
                // Only moved, not looked at.
            }
        });
    }

    private static FastClient Client(FixedHandler handler) => FastClient.Create(h => h
        .AddOpenAI("key", o =>
        {
            o.Endpoint = new Uri("http://127.0.0.1/v1/");
            o.UseHandler(handler);
        })
        .UseDefaultModel("openai/gpt-4o-mini"));

    // The caller's own messages and options are counted in.
    private static ChatMessage[] Question() => [new ChatMessage(ChatRole.User, Words.Question)];

    private static HarborChatOptions Options(PerformanceMode mode) => Requests.Options(mode);

    private static void Touch(object value) => ArgumentNullException.ThrowIfNull(value);

    private static async Task RoundAsync(Contestant[] contestants)
    {
        foreach (Contestant contestant in contestants)
        {
            GC.Collect();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            for (int call = 0; call < CallsPerRound; call++) await contestant.CallAsync(call);
            contestant.Bytes.Add((GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)CallsPerRound);
            contestant.Microseconds.Add((Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / CallsPerRound);
        }
    }

    private static void Print(Contestant[] contestants)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores, {Rounds} interleaved rounds of {CallsPerRound} calls, medians. In memory: no socket below either side,"));
        Console.WriteLine("so the ratio is the library's own work over almost nothing; compare ratios and bytes of two commits, not with a network's.");
        foreach (IGrouping<string, Contestant> work in contestants.GroupBy(contestant => contestant.Work))
        {
            double bareTime = Median(work.First().Microseconds), bareBytes = Median(work.First().Bytes);
            Console.WriteLine();
            Console.WriteLine($"{work.Key,-32} {"CPU per call",14} {"ratio",8} {"above bare",12} {"bytes above bare",18}");
            foreach (Contestant contestant in work)
            {
                double time = Median(contestant.Microseconds), bytes = Median(contestant.Bytes);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contestant.Name,-32} {time,11:F1} µs {time / bareTime,7:F2}x {time - bareTime,9:F1} µs {bytes - bareBytes,18:N0}"));
            }
        }
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
