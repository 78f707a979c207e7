using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

public sealed class CodeGeeXTests
{
    private static readonly ChatOptions Options = new() { ModelId = "zhipu-local/codegeex4-all-9b" };

    [Fact]
    public async Task It_is_told_whether_to_stream_and_where_to_stop()
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host);

        await client.AskAsync(options: Options);
        await client.UpdatesAsync(options: Options);

        host.Body(0).ShouldBeJson("""
            {"model":"codegeex4-all-9b","messages":[{"role":"user","content":"hi"}],"stream":false,"stop_token_ids":[151329,151336,151338]}
            """);
        host.Body(1).GetProperty("stream").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task Its_answers_have_no_usage_and_an_id_that_is_none()
    {
        const string Whole = """{"id":"chatcmpl-A","object":"chat.completion","created":1,"model":"codegeex4","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}""";
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(Whole)));

        ChatResponse first = await client.AskAsync(options: Options);
        ChatResponse second = await client.AskAsync(options: Options);

        first.Text.Should().Be("x");
        first.Usage.Should().BeNull("what is not reported is not 0");
        first.ResponseId.Should().NotBe(second.ResponseId).And.NotBe("chatcmpl-A");
        first.ModelId.Should().Be("codegeex4");
    }

    [Fact]
    public void A_gap_in_a_file_becomes_its_prompt()
    {
        new CodeInfilling("int a = ", ";\n") { Path = "src/A.cs", Language = "C#" }.ToPrompt()
            .Should().Be("###PATH:src/A.cs\n###LANGUAGE:C#\n###MODE:BLOCK\n<|code_suffix|>;\n<|code_prefix|>int a = <|code_middle|>");
        new CodeInfilling("a", "b") { IsLine = true }.ToPrompt().Should().Be("###MODE:LINE\n<|code_suffix|>b<|code_prefix|>a<|code_middle|>");
    }

    [Fact]
    public void A_gap_that_would_break_out_of_the_prompts_form_is_refused()
    {
        CodeInfilling[] wrong =
        [
            new("a<|code_middle|>", "b"), new("a", "<|code_prefix|>b"), new("<|code_suffix|>", ""), new("a", "b") { Path = "x\n###MODE:LINE" }, new("a", "b") { Language = "C\r#" },
        ];

        foreach (CodeInfilling infilling in wrong) infilling.Invoking(gap => gap.ToPrompt()).Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.InvalidRequest);
    }
}
