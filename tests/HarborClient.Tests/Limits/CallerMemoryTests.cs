using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// How many callers are remembered is bounded; who still has something to pay off or a call in flight is the last to be forgotten.
public sealed class CallerMemoryTests : CallerCalls
{
    private const int Remembered = 100;

    [Fact]
    public async Task Those_who_have_been_away_longest_are_forgotten_when_there_are_too_many()
    {
        await using FastClient client = Client(limits => (limits.PerUser.RequestsPerMinute, limits.MaximumCallers) = (1, Remembered));
        await AskAsync(client, By("alice"));
        await RefusedAsync(client, By("alice"));

        for (int i = 0; i < Remembered; i++) await AskAsync(client, By($"user {i}"));

        await AskAsync(client, By("alice"));
        await RefusedAsync(client, By($"user {Remembered - 1}"));
    }

    [Fact]
    public async Task A_caller_with_a_call_in_flight_is_not_forgotten()
    {
        Provider.ThenReply(EmulatedReply.Answer("one").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = Client(limits => (limits.PerUser.InFlight, limits.MaximumCallers) = (1, Remembered));
        Task<string> running = AskAsync(client, By("alice"));
        await Provider.AttemptReceived(1);

        for (int i = 0; i < 5 * Remembered; i++) await AskAsync(client, By($"user {i}"));

        await RefusedAsync(client, By("alice"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await running;
        await AskAsync(client, By("alice"));
    }

    [Fact]
    public async Task A_caller_with_something_to_pay_off_is_not_forgotten_by_time()
    {
        Provider.ThenReply(EmulatedReply.Answer("ok").Usage(5_000, 5_000));
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 1_000);
        await AskAsync(client, By("alice"));

        for (int minute = 0; minute < 8; minute++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            await AskAsync(client, By($"user {minute}"));
        }

        await RefusedAsync(client, By("alice"));
        Time.Advance(TimeSpan.FromMinutes(2));
        await AskAsync(client, By("alice"));
    }
}
