using System.Diagnostics;
using System.Globalization;
using HarborClient.ColdStart;

// One fresh process, one answer: prints the milliseconds from here to the answer. Started many times by the benchmark `startup`.
long started = Stopwatch.GetTimestamp();
string question = args[2];
var server = new Uri(args[1]);
await (args[0] switch
{
    "bare" => Callers.BareAsync(server, question),
    "openai" => Callers.OpenAIAsync(server, question),
    "anthropic" => Callers.AnthropicAsync(server, question),
    "anthropic-chat" => Callers.AnthropicChatAsync(server, question),
    "levels" => Callers.LevelsAsync(server, question, args[3]),
    _ => Callers.HarborAsync(args[0], server, question),
});
Console.WriteLine(Stopwatch.GetElapsedTime(started).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
