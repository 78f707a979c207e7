using System.Net;
using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// A host that answers before it has read the request: what it reads later must still be that request.
public sealed class EarlyAnswerTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task The_answer_comes_at_once_and_the_body_is_read_when_the_test_says_so()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(429).AnswerBeforeReadingBody());

        using var response = await provider.SendAsync(Requests.Chat());
        await response.Content.ReadAsStringAsync();
        var bodyBefore = provider.Attempts[0].Body;
        provider.FinishReadingBodies();

        response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        bodyBefore.Should().BeEmpty();
        provider.Attempts[0].Model.Should().Be("gpt-5-mini");
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);
    }

    [Fact]
    public async Task A_buffer_that_is_reused_too_early_shows_in_the_recorded_body()
    {
        var buffer = Encoding.UTF8.GetBytes("first prompt");
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(429).AnswerBeforeReadingBody());
        var request = Requests.Chat();
        request.Content = new ByteArrayContent(buffer);

        using var response = await provider.SendAsync(request);
        await response.Content.ReadAsStringAsync();
        Encoding.UTF8.GetBytes("OTHER PROMPT").CopyTo(buffer, 0);
        provider.FinishReadingBodies();

        await provider.BodyRead(1);
        provider.Attempts[0].BodyText.Should().Be("OTHER PROMPT");
    }

    [Fact]
    public async Task The_body_can_be_read_as_soon_as_the_reply_has_ended()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(429).AnswerBeforeReadingBody(readAfterReply: true));

        await provider.AskAsync(Requests.Chat());

        await provider.BodyRead(1);
        provider.Attempts[0].BodyText.Should().Contain("gpt-5-mini");
    }

    [Fact]
    public async Task A_rule_cannot_answer_before_the_body_that_it_has_read()
    {
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Error(429).AnswerBeforeReadingBody());

        var sending = () => provider.SendAsync(Requests.Chat());

        await sending.Should().ThrowAsync<InvalidOperationException>().WithMessage("AnswerBeforeReadingBody*");
    }

    [Fact]
    public async Task Leaving_early_stops_the_upload()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("x").SilentAfterUpdates(0).AnswerBeforeReadingBody());
        var content = new ObservedContent();
        var request = Requests.Chat();
        request.Content = content;
        var response = await provider.SendAsync(request);

        response.Dispose();

        await content.Finished.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        provider.Attempts[0].Body.Should().BeEmpty();
    }

    [Fact]
    public async Task On_a_socket_the_answer_also_comes_before_the_body_was_read()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(429).AnswerBeforeReadingBody());
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();

        using var response = await client.SendAsync(Requests.Chat(endpoint: server.Endpoint));
        var bodyBefore = provider.Attempts[0].Body;
        provider.FinishReadingBodies();
        await provider.BodyRead(1);

        response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        bodyBefore.Should().BeEmpty();
        provider.Attempts[0].Model.Should().Be("gpt-5-mini");
    }

    private sealed class ObservedContent : HttpContent
    {
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Finished => _finished.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            try
            {
                await stream.WriteAsync(new byte[] { 1, 2, 3 });
                _finished.SetResult();
            }
            catch (Exception exception)
            {
                _finished.SetException(exception);
                throw;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 3;
            return true;
        }
    }
}
