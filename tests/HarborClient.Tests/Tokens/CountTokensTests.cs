using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Pipeline;

namespace HarborClient.Tests.Tokens;

public sealed class CountTokensTests
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "count me")];

    private readonly ProviderEmulator _provider = new();

    [Fact]
    public async Task Without_an_endpoint_tokens_are_estimated_and_nothing_is_sent()
    {
        await using FastClient client = Emulated.OpenAI(_provider);

        long tokens = await client.CountTokensAsync(Question);

        tokens.Should().Be(9, "two words, and seven around the only message");
        _provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_host_that_counts_is_asked()
    {
        _provider.ThenRaw("""{"tokens":[1,2,3],"count":42,"max_model_len":8192,"new":{"a":[1]}}""", "application/json");
        await using FastClient client = Counting();
        var options = new ChatOptions { Instructions = "be brief", Tools = [AIFunctionFactory.CreateDeclaration("f", "d", System.Text.Json.JsonSerializer.SerializeToElement(1))], Temperature = 1 };

        long tokens = await client.CountTokensAsync(Question, options);

        tokens.Should().Be(42);
        _provider.Attempts.Should().ContainSingle().Which.Path.Should().Be("/tokenize");
        _provider.Body().ShouldBeJson("""
            {"model":"small","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"count me"}],
             "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":1}}]}
            """);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"count":-1}""")]
    [InlineData("""{"count":null}""")]
    [InlineData("""{"count":"many"}""")]
    [InlineData("[]")]
    [InlineData("""{"count":1}{"count":2}""")]
    public async Task A_counting_host_that_gives_no_count_is_an_error(string body)
    {
        _provider.ThenRaw(body, "application/json");
        await using FastClient client = Counting();

        HarborException error = await FailureOf(() => client.CountTokensAsync(Question));

        error.Kind.Should().Be(ErrorKind.Provider);
        error.Attempts.Should().ContainSingle();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_error_of_a_counting_host_is_that_of_every_call()
    {
        _provider.Then(429);
        await using FastClient client = Counting();

        (await FailureOf(() => client.CountTokensAsync(Question))).Kind.Should().Be(ErrorKind.RateLimited);
    }

    [Fact]
    public async Task Stages_see_a_count_and_may_answer_it()
    {
        CallOperation? seen = null;
        await using FastClient client = Counting(h => h.AddStage(StageScope.Call, (_, call) =>
        {
            seen = call.Operation;
            return new ValueTask<UpdateReader>(new ScriptedReader(new HarborUpdate(HarborUpdateKind.Payload, (object)7L)));
        }));

        (await client.CountTokensAsync(Question)).Should().Be(7);
        seen.Should().Be(CallOperation.CountTokens);
        _provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_stage_that_answers_a_count_without_a_number_is_named()
    {
        await using FastClient client = Counting(h => h.AddStage(StageScope.Call, (_, _) => new ValueTask<UpdateReader>(new ScriptedReader(ScriptedReader.Text("7")))));

        HarborException error = await FailureOf(() => client.CountTokensAsync(Question));

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain("AddStage");
    }

    [Fact]
    public async Task The_first_permitted_target_is_counted_for()
    {
        var counter = new Counter((model, _, _) => model == Emulated.LocalModel ? 5 : 6);
        await using FastClient client = Emulated.Both(_provider, new ProviderEmulator(), h => h.UseTokenCounter(counter));

        (await client.CountTokensAsync(Question)).Should().Be(6);
        (await client.CountTokensAsync(Question, new HarborChatOptions { AllowedTargets = ["lab"] })).Should().Be(5);
        (await FailureOf(() => client.CountTokensAsync(Question, new HarborChatOptions { AllowedTargets = ["nobody"] }))).Kind.Should().Be(ErrorKind.NoPermittedTarget);
    }

    [Fact]
    public async Task A_counter_goes_before_everything_for_the_models_that_it_knows()
    {
        var counter = new Counter((model, messages, options) => model.EndsWith("known", StringComparison.Ordinal) ? messages.Count + options!.StopSequences!.Count : null);
        _provider.ThenRaw("""{"count":42}""", "application/json");
        await using FastClient client = Counting(h => h.UseTokenCounter(counter));

        (await client.CountTokensAsync(Question, new ChatOptions { ModelId = "lab/known", StopSequences = ["a", "b"] })).Should().Be(3);
        _provider.Attempts.Should().BeEmpty();
        (await client.CountTokensAsync(Question, new ChatOptions { ModelId = "lab/other" })).Should().Be(42);
    }

    [Fact]
    public async Task A_counter_that_fails_is_named_and_its_own_error_kept()
    {
        await using FastClient throwing = Emulated.OpenAI(_provider, h => h.UseTokenCounter(new Counter((_, _, _) => throw new NotSupportedException("secret prompt"))));
        await using FastClient negative = Emulated.OpenAI(_provider, h => h.UseTokenCounter(new Counter((_, _, _) => -1)));

        HarborException thrown = await FailureOf(() => throwing.CountTokensAsync(Question));
        HarborException wrong = await FailureOf(() => negative.CountTokensAsync(Question));

        thrown.Kind.Should().Be(ErrorKind.Configuration);
        thrown.Message.Should().Contain("UseTokenCounter").And.Contain("NotSupportedException").And.NotContain("secret");
        thrown.InnerException.Should().BeOfType<NotSupportedException>();
        wrong.Message.Should().Contain("-1");
    }

    [Fact]
    public async Task Cancelled_disposed_and_wrong_calls_fail_as_others_do()
    {
        FastClient client = Emulated.OpenAI(_provider);
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        Func<Task> cancelled = () => client.CountTokensAsync(Question, cancellationToken: source.Token);
        Func<Task> nothing = () => client.CountTokensAsync(null!);
        Func<Task> withNull = () => client.CountTokensAsync([null!]);
        (await cancelled.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        await nothing.Should().ThrowAsync<ArgumentNullException>();
        await withNull.Should().ThrowAsync<ArgumentException>();
        (await FailureOf(() => client.CountTokensAsync(Question, new ChatOptions { ModelId = "nothing/here" }))).Kind.Should().Be(ErrorKind.NotFound);
        await client.DisposeAsync();
        Func<Task> late = () => client.CountTokensAsync(Question);
        await late.Should().ThrowAsync<ObjectDisposedException>();
    }

    private FastClient Counting(Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddLocal("lab", Emulated.LocalEndpoint, o =>
        {
            o.HasTokenizeEndpoint = true;
            o.SendOnceThrough(_provider.CreateHandler());
        }).UseDefaultModel(Emulated.LocalModel);
        more?.Invoke(h);
    });

    private static async Task<HarborException> FailureOf(Func<Task> call) => (await call.Should().ThrowAsync<HarborException>()).Which;

    private sealed class Counter(Func<string, IReadOnlyList<ChatMessage>, ChatOptions?, long?> count) : ITokenCounter
    {
        public long? CountTokens(string model, IReadOnlyList<ChatMessage> messages, ChatOptions? options) => count(model, messages, options);
    }
}
