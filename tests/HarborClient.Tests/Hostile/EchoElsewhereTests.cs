using System.Net;
using HarborClient.Tests.EveryProvider;

namespace HarborClient.Tests.Hostile;

// Hosts that quote what lies behind an image, change the case of what they quote, or put it into an address; and words without end.
public sealed class EchoElsewhereTests
{
    private const string Argument = "Recipient address twelve Elm Street in Springfield town";
    private const string Result = "Patient record number nine belongs to Alice Wonderland";
    private const string Description = "Internal tool which deletes the production database now";

    public static TheoryData<ProviderUnderTest, string> Quoted()
    {
        var all = new TheoryData<ProviderUnderTest, string>();
        foreach (string name in new[] { "openai", "responses", "claude", "gemini", "zhipu" })
        {
            foreach (string secret in new[] { Argument, Result, Description }) all.Add(ProviderUnderTest.Named(name), secret);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Quoted))]
    public async Task What_lies_behind_a_large_image_is_not_handed_on(ProviderUnderTest provider, string secret)
    {
        await using FastClient client = provider.Create(HostileHandler.Answering(Wire.Error("bad: " + secret), status: 400));
        var image = new byte[3 << 20];
        new Random(7).NextBytes(image);
        ChatMessage[] messages =
        [
            new(ChatRole.User, [new TextContent("look"), new DataContent(image, "image/png")]),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "f", new Dictionary<string, object?> { ["a"] = Argument })]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", new Dictionary<string, object?> { ["r"] = Result })]),
        ];
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string a) => a, "f", Description)] };

        HarborException error = await HostileClients.ErrorAsync(() => client.GetResponseAsync(messages, options));

        error.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        error.ToString().Should().NotContain(secret);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_quotation_in_capitals_is_not_handed_on()
    {
        const string Prompt = "the very secret prompt of the user which is long enough to see";
        await using FastClient client = HostileClients.One(HostileHandler.Answering(Wire.Error((HostileClients.Key + " " + Prompt).ToUpperInvariant()), status: 400));

        HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming: false, Prompt));

        error.ToString().Should().NotContainEquivalentOf(HostileClients.Key).And.NotContainEquivalentOf(Prompt);
    }

    [Theory]
    [InlineData("http://elsewhere.test/")]
    [InlineData("/here/")]
    public async Task A_quotation_in_the_address_of_a_redirect_is_not_handed_on(string address)
    {
        const string Prompt = "the very secret prompt of the user which is long enough to see";
        await using FastClient client = HostileClients.One(new HostileHandler(() =>
        {
            HttpResponseMessage reply = Wire.Reply(new HostileBody(""), Wire.Json, 302);
            reply.Headers.TryAddWithoutValidation("Location", address + Uri.EscapeDataString(Prompt));
            return reply;
        }));

        HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming: false, Prompt));

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain("answered with a redirect").And.NotContain("secret");
    }

    [Fact]
    public async Task A_finish_reason_without_end_is_cut_like_every_name()
    {
        string word = new('w', 1 << 20);
        await using FastClient client = HostileClients.One(HostileHandler.Answering($$$"""{"choices":[{"message":{"content":"a"},"finish_reason":"{{{word}}}"}]}"""));

        ChatResponse answer = await client.GetResponseAsync("hi");

        answer.FinishReason!.Value.Value.Length.Should().BeLessThanOrEqualTo(200);
    }

    [Fact]
    public async Task Too_early_is_an_error_that_passes()
    {
        foreach (ProviderUnderTest provider in ProviderUnderTest.All)
        {
            await using FastClient client = provider.Create(HostileHandler.Answering("", status: 425));

            (await HostileClients.ErrorAsync(() => client.GetResponseAsync("hi"))).IsTransient.Should().BeTrue(provider.Name);
        }
    }
}
