namespace HarborClient.Tests.Hostile;

// A request id that quotes a secret is handed on neither by errors, nor by attempts, nor by the facts of an answer, wherever its length cuts it.
public sealed class RequestIdEchoTests
{
    private const string Gateway = "gw-secret-42424242";

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(165)]
    [InlineData(180)]
    public async Task Of_a_refusal_it_shows_no_key(int lettersBefore)
    {
        Overheard said = await Overheard.OfAsync(Host(Wire.Error("m"), 400, new string('p', lettersBefore) + HostileClients.Key));

        said.ShouldNotHoldTheKey();
        said.CodesShouldBeShortAndOfOneLine();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(165)]
    [InlineData(180)]
    public async Task Of_an_answer_it_shows_no_key(int lettersBefore)
    {
        await using FastClient client = HostileClients.One(Host(Wire.Whole("fine"), 200, new string('p', lettersBefore) + HostileClients.Key));

        HarborCallInfo info = (await client.GetResponseAsync("hi")).GetHarborInfo();

        foreach (string id in new[] { info.RequestId, info.Attempts[0].RequestId }.OfType<string>()) id.Should().NotContain(HostileClients.Key[..20]);
    }

    [Fact]
    public async Task Of_a_refusal_it_shows_no_value_of_a_default_header()
    {
        Overheard said = await Overheard.OfAsync(Host(Wire.Error("m"), 400, Gateway), options: openAI => openAI.DefaultHeaders["X-Gateway-Key"] = Gateway);

        said.ShouldNotHold(Gateway);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task An_ordinary_one_stays_as_it_is(int status)
    {
        await using FastClient client = HostileClients.One(Host(status == 200 ? Wire.Whole("fine") : Wire.Error("m"), status, "req_0123456789abcdef0123456789abcdef"));

        string? id = status == 200
            ? (await client.GetResponseAsync("hi")).GetHarborInfo().RequestId
            : (await HostileClients.ErrorAsync(() => client.GetResponseAsync("hi"))).RequestId;

        id.Should().Be("req_0123456789abcdef0123456789abcdef");
    }

    private static HostileHandler Host(string body, int status, string requestId) => new(() =>
    {
        HttpResponseMessage reply = Wire.Reply(new HostileBody(body), Wire.Json, status);
        reply.Headers.TryAddWithoutValidation("x-request-id", requestId);
        return reply;
    });
}
