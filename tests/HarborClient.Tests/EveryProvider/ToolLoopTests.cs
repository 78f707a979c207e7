using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.EveryProvider;

// The loop is above the pipeline; what each provider has to get right is calls, results, and an answer with the tools switched off.
public sealed class ToolLoopTests
{
    [Theory]
    [MemberData(nameof(ProviderUnderTest.All), MemberType = typeof(ProviderUnderTest))]
    public async Task Two_rounds_of_calls_and_an_answer(ProviderUnderTest subject)
    {
        ProviderEmulator provider = Script();
        await using FastClient client = subject.Create(provider.CreateHandler(), h => h.UseToolInvocation());

        ChatResponse answer = await client.AskAsync(options: new ChatOptions { Tools = [Weather()] });

        AssertLoop(subject, answer, provider);
        answer.Messages.Should().HaveCount(5);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ProviderUnderTest.All), MemberType = typeof(ProviderUnderTest))]
    public async Task The_same_as_a_stream(ProviderUnderTest subject)
    {
        ProviderEmulator provider = Script();
        await using FastClient client = subject.Create(provider.CreateHandler(), h => h.UseToolInvocation());

        List<ChatResponseUpdate> updates = await client.UpdatesAsync(options: new ChatOptions { Tools = [Weather()] });

        AssertLoop(subject, updates.ToHarborResponse(), provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ProviderUnderTest.All), MemberType = typeof(ProviderUnderTest))]
    public async Task The_last_answer_is_asked_for_without_tools(ProviderUnderTest subject)
    {
        ProviderEmulator provider = new ProviderEmulator().ThenReply(Call("call_1", "Oslo")).ThenAnswer("Enough.");
        await using FastClient client = subject.Create(provider.CreateHandler(), h => h.UseToolInvocation(o => o.MaximumIterations = 1));

        ChatResponse answer = await client.AskAsync(options: new ChatOptions { Tools = [Weather()], ToolMode = ChatToolMode.RequireAny });

        answer.Text.Should().Be("Enough.");
        provider.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static AIFunction Weather() => AIFunctionFactory.Create((string city) => $"{city}: rain", "get_weather");

    private static ProviderEmulator Script() => new ProviderEmulator()
        .ThenReply(new EmulatedReply().Pieces("Let me look.").ToolCall("call_1", "get_weather", "{\"city\":", "\"Oslo\"}").ToolCall("call_2", "get_weather", "{\"city\":\"Bergen\"}"))
        .ThenReply(Call("call_3", "Rome"))
        .ThenAnswer("It rains.");

    private static EmulatedReply Call(string id, string city) => new EmulatedReply().ToolCall(id, "get_weather", $$"""{"city":"{{city}}"}""");

    private static void AssertLoop(ProviderUnderTest subject, ChatResponse answer, ProviderEmulator provider)
    {
        answer.Text.Should().EndWith("It rains.");
        List<AIContent> contents = [.. answer.Messages.SelectMany(message => message.Contents)];
        contents.OfType<FunctionCallContent>().Select(call => call.Arguments!["city"]!.ToString()).Should().Equal("Oslo", "Bergen", "Rome");
        contents.OfType<FunctionResultContent>().Select(result => result.Result!.ToString()).Should().Equal("Oslo: rain", "Bergen: rain", "Rome: rain");
        provider.Attempts.Should().HaveCount(3);

        // The model gets all it has said and all it has been told; where the provider keeps the conversation, what is new.
        string last = provider.Attempts[2].BodyText;
        bool isKept = subject.Name == "responses";
        last.Should().Contain("Rome: rain");
        foreach (string told in (string[])["Let me look.", "Oslo: rain", "Bergen: rain"]) last.Contains(told, StringComparison.Ordinal).Should().Be(!isKept);
        last.Contains("previous_response_id", StringComparison.Ordinal).Should().Be(isKept);
    }
}
