using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Gemini;

// Models that think by themselves are waited for as long as those that are told to.
public sealed class GeminiClockTests
{
    [Theory]
    [InlineData("gemini-2.5-pro", null, 300)]
    [InlineData("gemini-3-flash-preview", null, 300)]
    [InlineData("gemini-2.5-flash", ReasoningEffort.None, 30)]
    [InlineData("gemini-2.5-flash-lite", null, 30)]
    [InlineData("gemini-2.5-flash-lite", ReasoningEffort.Low, 300)]
    [InlineData("gemini-2.0-flash", null, 30)]
    public async Task The_first_update_has_this_long(string model, ReasoningEffort? effort, int seconds)
    {
        var time = new ManualTimeProvider();
        await using FastClient client = GeminiClients.Create(new ProviderEmulator(time).ThenReply(new EmulatedReply().NeverAnswer()), h => h.UseTimeProvider(time));
        var options = new ChatOptions { ModelId = "gemini/" + model, Reasoning = effort is null ? null : new ReasoningOptions { Effort = effort } };

        Task<List<ChatResponseUpdate>> pending = client.UpdatesAsync(options: options);
        await time.TimerSet(TimeSpan.FromSeconds(seconds));
        time.Advance(TimeSpan.FromSeconds(seconds));

        (await pending.Awaiting(call => call).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.FirstUpdate);
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
