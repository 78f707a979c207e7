using System.Globalization;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Judging;
using HarborClient.Benchmarks.Measuring;
using HarborClient.Benchmarks.Micro;

namespace HarborClient.Benchmarks.Cache;

/// <summary>An answer from memory: the whole call, from the caller's messages and options, which are there, to its response. It never leaves its thread.</summary>
internal static class MemoryHits
{
    private const int Rounds = 401;
    private const int WarmUpRounds = 60;

    /// <summary>Three milliseconds, so that most rounds are not interrupted.</summary>
    private const int Calls = 2_000;

    private const double MostMicroseconds = 1.2;
    private const double MostBytes = 1.1 * 1024;

    internal static async Task RunAsync(Report report, Judge judge)
    {
        using InMemoryClient plain = InMemoryClient.Plain(Dialect.OpenAI), streamed = InMemoryClient.Stream(Dialect.OpenAI, Upstream.StreamKind.Text);
        Asked[] all = [new(plain.Client, PerformanceMode.Balanced), new(streamed.Client, PerformanceMode.Full)];
        foreach (Asked asked in all) await asked.KeepAsync();
        for (int round = 0; round < WarmUpRounds; round++)
        {
            foreach (Asked asked in all) asked.Round();

            // The compiler's last tier comes in the background.
            await Task.Delay(20);
        }

        foreach (Asked asked in all) asked.Forget();
        for (int round = 0; round < Rounds; round++)
            foreach (Asked asked in all) asked.Round();
        report.Line();
        report.Line("## A hit in memory");
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"A prompt of 3 KB that is there already, answers of 0.5 KB (Balanced) and 1.6 KB (Full). {Rounds} rounds of {Calls:N0} calls each, in turns; processor time of the process, bytes of the calling thread."));
        report.Line();
        report.Header(["", "CPU/call µs, median", "the lowest round", "bytes/call"]);
        foreach (Asked asked in all) report.Row([asked.Mode.ToString(), asked.Processor.Show("F2"), Number(asked.Processor.Quantile(0), "F2"), Number(asked.Bytes.Median, "N0")]);
        judge.Hold(new Promise("a hit in memory, 3 KB prompt, Balanced: processor time, median", MostMicroseconds, Tolerance.Speed, "µs"), all[0].Processor.Median);
        judge.Hold(new Promise("a hit in memory, 3 KB prompt, Balanced: bytes", MostBytes, Tolerance.Bytes, "B"), all[0].Bytes.Median);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Asked(FastClient client, PerformanceMode mode)
    {
        private readonly ChatMessage[] _messages = LongQuestion.Messages(0);
        private readonly HarborChatOptions _options = LongQuestion.Options(mode);

        internal PerformanceMode Mode => mode;

        internal Samples Processor { get; } = new();

        internal Samples Bytes { get; } = new();

        internal async Task KeepAsync()
        {
            await client.GetResponseAsync(_messages, _options);
            if ((await client.GetResponseAsync(_messages, _options)).GetHarborInfo().CacheLevel != CacheLevel.Memory) throw new InvalidOperationException("The answer was not kept.");
        }

        internal void Round()
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            for (int call = 0; call < Calls; call++)
            {
                Task<ChatResponse> answer = client.GetResponseAsync(_messages, _options);
                if (!answer.IsCompletedSuccessfully) throw new InvalidOperationException("A hit in memory did not complete at once.");
            }

            Processor.Add((Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / Calls);
            Bytes.Add((GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Calls);
        }

        internal void Forget()
        {
            Processor.Clear();
            Bytes.Clear();
        }
    }
}
