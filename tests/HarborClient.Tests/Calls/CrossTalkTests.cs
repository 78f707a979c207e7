using HarborClient.Testing;

namespace HarborClient.Tests.Calls;

// Callers who leave at any moment, on any thread, beside callers who stay: memory, tokens and timers are used again, and nobody notices.
public sealed class CrossTalkTests
{
    private const int Callers = 8;
    private const int CallsOfEach = 60;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_stays_gets_the_own_answer_and_who_leaves_only_a_beginning_of_it(bool useTls)
    {
        var provider = new ProviderEmulator().Respond(attempt => EmulatedReply.Answer(PiecesOf(PromptOf(attempt))));
        await using EmulatorServer server = await provider.StartAsync(useTls);
        using SocketsHttpHandler handler = server.CreateTrustingHandler();
        await using FastClient client = FastClient.Create(builder => builder.AddLocal("lab", server.Endpoint, local => local.SendOnceThrough(handler)).UseDefaultModel("lab/model"));

        string[][] wrong = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(client, caller)))).WaitAsync(TimeSpan.FromSeconds(60));

        wrong.SelectMany(some => some).Should().BeEmpty();
        client.Outstanding().Calls.Should().Be(0);
    }

    private static async Task<string[]> CallAsync(FastClient client, int caller)
    {
        List<string> wrong = [];
        var random = new Random(caller);
        for (int i = 0; i < CallsOfEach; i++)
        {
            string prompt = $"caller {caller} call {i} ";
            string whole = string.Concat(PiecesOf(prompt));
            int way = random.Next(4);
            using var leaving = new CancellationTokenSource();
            string text = "";
            bool mayEnd = false;
            try
            {
                if (way == 0)
                {
                    text = (await client.GetResponseAsync(prompt, cancellationToken: leaving.Token).ConfigureAwait(false)).Text;
                }
                else
                {
                    int stay = way == 1 ? int.MaxValue : random.Next(40);
                    await using IAsyncEnumerator<string> stream = client.StreamTextAsync(prompt, cancellationToken: leaving.Token).GetAsyncEnumerator(leaving.Token);
                    for (int piece = 0; await stream.MoveNextAsync().ConfigureAwait(false); piece++)
                    {
                        text += stream.Current;
                        if (piece != stay) continue;
                        mayEnd = true;
                        if (way == 3) break;
                        _ = Task.Run(leaving.Cancel);
                    }

                    mayEnd |= stay < int.MaxValue && text.Length == whole.Length;
                }
            }
            catch (OperationCanceledException) when (mayEnd && leaving.IsCancellationRequested)
            {
                // As it should be.
            }
            catch (Exception e)
            {
                wrong.Add($"{prompt}: {e}");
                continue;
            }

            if (mayEnd ? !whole.StartsWith(text, StringComparison.Ordinal) : whole != text) wrong.Add($"{prompt}, way {way}: '{text}'");
        }

        return [.. wrong];
    }

    private static string PromptOf(EmulatedAttempt attempt) => attempt.BodyJson!.Value.GetProperty("messages")[0].GetProperty("content").GetString()!;

    private static IEnumerable<string> PiecesOf(string prompt) => Enumerable.Range(0, 50).Select(i => $"{prompt}\"{i}\"\n");
}
