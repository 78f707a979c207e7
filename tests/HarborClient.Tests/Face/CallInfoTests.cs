using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Face;

public sealed class CallInfoTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_plain_response_tells_how_it_came_about()
    {
        await using FastClient client = Failing();

        AssertFailedOver((await client.AskAsync()).GetHarborInfo());
    }

    [Fact]
    public async Task Folded_updates_tell_the_same()
    {
        await using FastClient client = Failing();

        AssertFailedOver((await client.UpdatesAsync()).ToChatResponse().GetHarborInfo());
    }

    [Fact]
    public async Task Folded_updates_tell_the_same_after_a_trip_through_json()
    {
        await using FastClient client = Failing();
        ChatResponse folded = (await client.UpdatesAsync()).ToHarborResponse();

        ChatResponse back = JsonSerializer.Deserialize<ChatResponse>(JsonSerializer.Serialize(folded, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        AssertFailedOver(back.GetHarborInfo());
    }

    [Fact]
    public async Task Times_are_those_of_the_clients_clock()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer(["a", "b"]).DelayBeforeFirstUpdate(TimeSpan.FromSeconds(2)).DelayBetweenUpdates(TimeSpan.FromSeconds(3)));
        await using FastClient client = Emulated.OpenAI(provider, h => h.UseTimeProvider(_time));

        Task<List<ChatResponseUpdate>> call = client.UpdatesAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        await _time.TimerSet(TimeSpan.FromSeconds(3));
        _time.Advance(TimeSpan.FromSeconds(3));
        HarborCallInfo info = (await call).ToChatResponse().GetHarborInfo();

        info.TimeToFirstUpdate.Should().Be(TimeSpan.FromSeconds(2));
        info.Duration.Should().Be(TimeSpan.FromSeconds(5));
        info.Attempts.Single().TimeToFirstUpdate.Should().Be(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task The_information_of_a_plain_response_is_invisible_to_serializers()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenAnswer("fine"));
        ChatResponse response = await client.AskAsync();
        var plain = new ChatResponse(response.Messages) { ResponseId = response.ResponseId, ModelId = response.ModelId, CreatedAt = response.CreatedAt, FinishReason = response.FinishReason, Usage = response.Usage, AdditionalProperties = response.AdditionalProperties };

        string json = JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);

        json.Should().Be(JsonSerializer.Serialize(plain, AIJsonUtilities.DefaultOptions));
        JsonSerializer.Serialize<object>(response).Should().NotContain("\"Info\"");
        JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!.GetHarborInfo().Provider.Should().BeEmpty();
    }

    [Fact]
    public void A_response_of_somebody_else_has_information_with_defaults()
    {
        var foreign = new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { AdditionalProperties = new() { ["other"] = 1 } };

        foreach (ChatResponse response in new[] { new ChatResponse(), foreign })
        {
            HarborCallInfo info = response.GetHarborInfo();
            info.Should().BeEquivalentTo(new { Provider = "", Model = "", RequestedModel = "", Duration = TimeSpan.Zero, CacheLevel = CacheLevel.None });
            info.Attempts.Should().BeEmpty();
            info.Cost.Should().BeNull();
        }
    }

    public static TheoryData<string, object?> Spoilt => new()
    {
        { "harbor.attempts", "not json" },
        { "harbor.attempts", "{}" },
        { "harbor.attempts", "[1]" },
        { "harbor.attempts", "[{}]" },
        { "harbor.attempts", """[{"number":1,"provider":"p","model":"m","duration_ms":1e300}]""" },
        { "harbor.attempts", """[{"number":"one","provider":"p","model":"m","duration_ms":1}]""" },
        { "harbor.attempts", """[{"number":1,"provider":"p","model":"m","duration_ms":1,"overtaken":"yes"}]""" },
        { "harbor.attempts", """[{"number":1,"provider":"p","model":"m","duration_ms":1,"usage":"much"}]""" },
        { "harbor.attempts", """[{"number":1,"provider":"p","model":"m","duration_ms":1,"usage":{"inputTokenCount":"much"}}]""" },
        { "harbor.duration_ms", 1e300 },
        { "harbor.duration_ms", "NaN" },
        { "harbor.duration_ms", double.PositiveInfinity },
        { "harbor.duration_ms", new object() },
        { "harbor.time_to_first_update_ms", -1e300 },
        { "harbor.cost_nano_usd", 1e300 },
        { "harbor.cost_nano_usd", "much" },
        { "harbor.mode", "Quick" },
        { "harbor.mode", 5 },
        { "harbor.cache_level", null },
        { "harbor.provider", 5 },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void A_property_that_somebody_spoilt_has_its_default(string key, object? value)
    {
        var response = new ChatResponse { AdditionalProperties = new() { ["harbor.model"] = "m", [key] = value } };

        HarborCallInfo info = response.GetHarborInfo();

        info.Model.Should().Be("m");
        info.Should().BeEquivalentTo(new { Provider = "", Duration = TimeSpan.Zero, Mode = PerformanceMode.Fast });
        info.Attempts.Should().BeEmpty();
        info.Cost.Should().BeNull();
        info.TimeToFirstUpdate.Should().BeNull();
    }

    [Fact]
    public void A_cost_is_exact_to_the_last_nano_dollar()
    {
        const long Cost = 9_007_199_254_740_993;
        var response = new ChatResponse { AdditionalProperties = new() { ["harbor.cost_nano_usd"] = Cost } };

        ChatResponse back = JsonSerializer.Deserialize<ChatResponse>(JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        response.GetHarborInfo().Cost.Should().Be(new Money(Cost));
        back.GetHarborInfo().Cost.Should().Be(new Money(Cost));
    }

    [Fact]
    public void A_null_response_or_update_is_refused()
    {
        FluentActions.Invoking(() => ((ChatResponse)null!).GetHarborInfo()).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => ((ChatResponseUpdate)null!).IsRestart()).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => ((IEnumerable<ChatResponseUpdate>)null!).ToHarborResponse()).Should().Throw<ArgumentNullException>();
    }

    private static void AssertFailedOver(HarborCallInfo info)
    {
        info.Should().BeEquivalentTo(new { Provider = "lab", Model = "small", RequestedModel = "chat", Mode = PerformanceMode.Balanced, FinishReason = "stop", RequestId = "req_emulated_1", CacheLevel = CacheLevel.None });
        info.Cost.Should().BeNull("nothing is priced yet, and unknown is never zero");
        info.TimeToFirstUpdate.Should().NotBeNull();
        info.Attempts.Should().HaveCount(2);
        info.Attempts[0].Should().BeEquivalentTo(new { Number = 1, Provider = "openai", Model = "gpt-4o-mini", Error = (ErrorKind?)ErrorKind.Overloaded, StatusCode = (System.Net.HttpStatusCode?)System.Net.HttpStatusCode.ServiceUnavailable, RequestId = "req_emulated_1" });
        info.Attempts[1].Should().BeEquivalentTo(new { Number = 2, Provider = "lab", Model = "small", Error = (ErrorKind?)null, StatusCode = (System.Net.HttpStatusCode?)System.Net.HttpStatusCode.OK });
        info.Attempts[1].ToString().Should().StartWith("#2 lab/small ok");
    }

    private FastClient Failing() => Emulated.Both(new ProviderEmulator(_time).Then(503), new ProviderEmulator(_time).ThenAnswer("fine"), h => h.UseTimeProvider(_time));
}
