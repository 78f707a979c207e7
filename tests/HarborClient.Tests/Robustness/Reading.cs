using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Robustness;

// One answer of one client as a caller gets it: the answer or the error. The plain call is streamed upstream and folded, which reads every event and
// makes no object for each; Streamed goes through the updates.
internal sealed record Reading(ChatResponse? Answer, Exception? Error)
{
    private static readonly HarborChatOptions Folded = new() { FirstUpdateTimeout = Timeout.InfiniteTimeSpan };

    public ChatResponse? Partial => Answer ?? (Error as StreamInterruptedException)?.Partial;

    public string Text => Partial?.Text ?? "";

    // Everything that a caller can tell of it; ids that the client makes up are left out.
    public string Shape => Answer is not null ? AnswerShape.Of(Answer) : $"{(Error as HarborException)?.Kind} {Text}";

    public bool IsInterruption => Error is HarborException { Kind: ErrorKind.Interrupted };

    public static async Task<Reading> FoldedAsync(FastClient client)
    {
        try
        {
            return new Reading(await client.GetResponseAsync("hi", Folded).ConfigureAwait(false), null);
        }
        catch (Exception e)
        {
            return new Reading(null, e);
        }
    }

    public static async Task<Reading> StreamedAsync(FastClient client)
    {
        List<ChatResponseUpdate> updates = [];
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi").ConfigureAwait(false)) updates.Add(update);
            return new Reading(updates.ToHarborResponse(), null);
        }
        catch (Exception e)
        {
            return new Reading(null, e);
        }
    }

    public static async Task<Reading> PlainAsync(FastClient client)
    {
        try
        {
            return new Reading(await client.GetResponseAsync("hi").ConfigureAwait(false), null);
        }
        catch (Exception e)
        {
            return new Reading(null, e);
        }
    }
}
