using System.Net;

namespace HarborClient.Tests.Hostile;

// Hosts and handlers that quote the key: no error and no log hands it on.
public sealed class KeyEchoTests
{
    private const string Key = HostileClients.Key;
    private const string Gateway = "gw-secret-42424242";

    public static TheoryData<string, string> Bodies => new()
    {
        { "message", Wire.Error("bad key " + Key) },
        { "message, cut by the limit", Wire.Error(new string('x', 455) + Key) },
        { "message, cut by the limit in the middle", Wire.Error(new string('x', 475) + Key) },
        { "message, right before the limit", Wire.Error(new string('x', 495) + Key) },
        { "message, escaped", Wire.Error(Wire.Escaped(Key)) },
        { "message, escaped twice", Wire.Error(Wire.Escaped(Key).Replace("\\", "\\\\", StringComparison.Ordinal)) },
        { "message, an object", "{\"error\":{\"message\":{\"header\":\"Bearer " + Key + "\"}}}" },
        { "message, an object, escaped", "{\"error\":{\"message\":{\"header\":\"" + Wire.Escaped(Key) + "\"}}}" },
        { "code", Wire.Error("m", Key) },
        { "code, after a long text", Wire.Error("m", new string('y', 470) + Key) },
        { "code, before the code's limit", Wire.Error("m", new string('y', 180) + Key) },
        { "code, escaped", Wire.Error("m", Wire.Escaped(Key)) },
        { "request id", $$$"""{"error":{"message":"m"},"request_id":"a\nINFO forged {{{Key}}}"}""" },
        { "type", $$$"""{"error":{"message":"m","type":"{{{Key}}}"}}""" },
        { "text", "no JSON but " + Key },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_key_that_the_host_quotes_is_not_handed_on(string what, string body)
    {
        foreach (int status in new[] { 400, 401, 500 })
        {
            Overheard said = await Overheard.OfAsync(HostileHandler.Answering(body, status: status));

            said.ShouldNotHoldTheKey();
            said.CodesShouldBeShortAndOfOneLine();
            said.Error.StatusCode.Should().Be((HttpStatusCode)status, what);
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_key_that_the_host_quotes_inside_an_answer_is_not_handed_on(string what, string body)
    {
        Overheard said = await Overheard.OfAsync(HostileHandler.Answering($"{Wire.Event("a")}data: {body}\n\n", Wire.EventStream), isStreaming: true);

        said.ShouldNotHoldTheKey();
        said.CodesShouldBeShortAndOfOneLine();
        said.Error.Should().BeOfType<StreamInterruptedException>(what);
    }

    [Theory]
    [InlineData("x-request-id", 400)]
    [InlineData("request-id", 400)]
    [InlineData("Retry-After", 429)]
    [InlineData("Location", 307)]
    [InlineData("Content-Type", 200)]
    [InlineData("Content-Encoding", 200)]
    public async Task A_key_in_a_header_is_not_handed_on(string header, int status)
    {
        foreach (string value in new[] { Key, "https://elsewhere.test/" + Key + "?q=" + Key, "https://elsewhere.test/" + new string('p', 470) + Key })
        {
            Overheard said = await Overheard.OfAsync(new HostileHandler(() =>
            {
                HttpResponseMessage reply = Wire.Reply(new HostileBody(Wire.Error("m")), Wire.Json, status);
                reply.Content.Headers.Remove(header.StartsWith("Content", StringComparison.Ordinal) ? header : "x-none");
                if (!reply.Headers.TryAddWithoutValidation(header, value)) reply.Content.Headers.TryAddWithoutValidation(header, value);
                return reply;
            }));

            said.ShouldNotHoldTheKey();
            said.CodesShouldBeShortAndOfOneLine();
        }
    }

    [Fact]
    public async Task What_a_handler_throws_with_the_key_in_it_is_not_handed_on()
    {
        Func<Exception>[] errors =
        [
            () => new InvalidOperationException("auth " + Key),
            () => new HttpRequestException("auth " + Key),
            () => new HttpRequestException("outer", new IOException("inner " + Key)),
            () => new AggregateException(new IOException("one of several " + Key)),
            () => new TaskCanceledException("handler " + Key, new TimeoutException(Key)),
        ];
        foreach (Func<Exception> error in errors)
        {
            Overheard said = await Overheard.OfAsync(new HostileHandler(() => throw error()));

            said.ShouldNotHoldTheKey();
        }
    }

    [Fact]
    public async Task What_a_body_throws_with_the_key_in_it_is_not_handed_on()
    {
        foreach (string begin in new[] { "", Wire.Event("a") })
        {
            Overheard said = await Overheard.OfAsync(HostileHandler.Streaming(() => new HostileBody(begin) { AtEnd = _ => throw new IOException("reset by " + Key) }), isStreaming: true);

            said.ShouldNotHoldTheKey();
        }
    }

    [Fact]
    public async Task The_value_of_a_default_header_that_the_host_quotes_is_not_handed_on()
    {
        foreach (string body in new[] { Wire.Error("bad header " + Gateway), Wire.Error("m", Gateway), Wire.Error(new string('x', 485) + Gateway) })
        {
            Overheard said = await Overheard.OfAsync(HostileHandler.Answering(body, status: 400), options: openAI => openAI.DefaultHeaders["X-Gateway-Key"] = Gateway);

            said.ShouldNotHold(Gateway, Gateway[..14]);
        }
    }

    [Fact]
    public async Task Codes_of_any_length_with_line_breaks_in_them_become_short_and_of_one_line()
    {
        Overheard said = await Overheard.OfAsync(HostileHandler.Answering(Wire.Error("m", "a\\nINFO forged\\u001b[31m\\u0085" + new string('z', 5000)), status: 400));

        said.CodesShouldBeShortAndOfOneLine();
        said.Error.ProviderCode.Should().NotBeNullOrEmpty();
    }
}
