using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Zhipu;

// Zhipu's codes, and the errors they become: the code decides, wherever it comes and whatever the status says.
public sealed class ZhipuErrorTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, ErrorKind, bool> Codes
    {
        get
        {
            var codes = new TheoryData<string, ErrorKind, bool>();
            void Add(ErrorKind kind, bool isTransient, params string[] names)
            {
                foreach (string name in names) codes.Add(name, kind, isTransient);
            }

            Add(ErrorKind.Authentication, false, "1000", "1001", "1002", "1004", "1005");
            Add(ErrorKind.Authentication, true, "1003");
            Add(ErrorKind.Authentication, false, "1110", "1111", "1112", "1114", "1115", "1116", "1117", "1118", "1119", "1120", "1121", "1220");
            Add(ErrorKind.QuotaExhausted, false, "1113", "1304", "1308", "1309", "1310", "1311", "1313");
            Add(ErrorKind.InvalidRequest, false, "1210", "1212", "1213", "1214", "1215");
            Add(ErrorKind.NotFound, false, "1211", "1221", "1222");
            Add(ErrorKind.ContextTooLong, false, "1261");
            Add(ErrorKind.ContentFiltered, false, "1300", "1301");
            Add(ErrorKind.RateLimited, true, "1302", "1303");
            Add(ErrorKind.Overloaded, true, "1305", "1312");
            Add(ErrorKind.Conflict, true, "1231");
            Add(ErrorKind.Provider, true, "500", "1200", "1230", "1234");
            return codes;
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_code_decides_whatever_the_status_says(string code, ErrorKind kind, bool isTransient)
    {
        foreach (int status in new[] { 400, 401, 429, 500, 200 })
        {
            foreach (bool isStreaming in new[] { false, true })
            {
                var provider = new ProviderEmulator().ThenReply(EmulatedReply.Raw(Body(code), "application/json", status).Header("x-log-id", "log-7"));
                await using FastClient client = ZhipuClients.Of(provider);

                HarborException error = await client.FailureOf(isStreaming);

                error.Kind.Should().Be(kind, "of {0} with status {1}", code, status);
                error.IsTransient.Should().Be(isTransient);
                error.ProviderCode.Should().Be(code);
                error.RequestId.Should().Be("log-7");
                error.Message.Should().Contain("what is wrong");
                client.Outstanding().Should().Be(Outstanding.None);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_code_decides_inside_a_stream_too(string code, ErrorKind kind, bool isTransient)
    {
        var first = new ProviderEmulator().ThenRaw(ZhipuClients.Event(Body(code)), "text/event-stream");
        var later = new ProviderEmulator().ThenRaw(
            ZhipuClients.Event("""{"id":"1","model":"glm-4.7","choices":[{"index":0,"delta":{"role":"assistant","content":"so far"}}]}""") + ZhipuClients.Event(Body(code)),
            "text/event-stream");
        await using FastClient before = ZhipuClients.Of(first);
        await using FastClient after = ZhipuClients.Of(later);

        HarborException atOnce = await before.FailureOf(isStreaming: true);
        HarborException inside = await after.FailureOf(isStreaming: true);

        atOnce.Kind.Should().Be(kind);
        atOnce.IsTransient.Should().Be(isTransient);
        StreamInterruptedException broken = inside.Should().BeOfType<StreamInterruptedException>().Subject;
        broken.Partial.Text.Should().Be("so far");
        broken.IsTransient.Should().Be(isTransient);
        broken.ProviderCode.Should().Be(code);
        broken.InnerException.Should().BeOfType<HarborException>().Which.Kind.Should().Be(kind);
        after.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(429, "9999", ErrorKind.RateLimited)]
    [InlineData(400, "9999", ErrorKind.InvalidRequest)]
    [InlineData(503, "9999", ErrorKind.Overloaded)]
    [InlineData(401, "401", ErrorKind.Authentication)]
    [InlineData(200, "9999", ErrorKind.Provider)]
    public async Task A_code_that_nobody_documents_leaves_it_to_the_status(int status, string code, ErrorKind kind)
    {
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator().ThenReply(EmulatedReply.Raw(Body(code), "application/json", status)));

        (await client.FailureAsync()).Kind.Should().Be(kind);
    }

    [Theory]
    [InlineData("1308", "Usage limit reached for 5 hour. Your limit will reset at 2026-03-01 09:41:47", 6107)]
    [InlineData("1310", "已达到每周使用上限，您的限额将在 2026-03-02 08:00:00 重置。", 86_400)]
    [InlineData("1308", "Your limit will reset at 2026-02-01 09:41:47", null)]
    [InlineData("1308", "Your limit will reset at 2026-99-01 09:41:47", null)]
    [InlineData("1308", "Your limit will reset soon, at 12345678901234567890", null)]
    [InlineData("1302", "Try after 2026-03-01 09:41:47", null)]
    public async Task A_used_up_quota_says_when_it_comes_back(string code, string message, int? seconds)
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Raw($$$"""{"error":{"code":"{{{code}}}","message":"{{{message}}}"}}""", "application/json", 429));
        await using FastClient client = ZhipuClients.Of(provider, new ManualTimeProvider(Now));

        HarborException error = await client.FailureAsync();

        error.RetryAfter.Should().Be(seconds is { } wait ? TimeSpan.FromSeconds(wait) : null);
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 200)]
    [InlineData(false, 401)]
    public async Task The_gateways_own_form_of_an_error_is_read(bool isStreaming, int status)
    {
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator().ThenReply(EmulatedReply.Raw("""{"code":1001,"msg":"Header lacks Authorization","success":false}""", "application/json", status)));

        HarborException error = await client.FailureOf(isStreaming);

        error.Kind.Should().Be(ErrorKind.Authentication);
        error.ProviderCode.Should().Be("1001");
        error.Message.Should().Contain("Header lacks Authorization");
    }

    [Fact]
    public async Task The_request_id_of_the_body_fills_in_where_the_headers_have_none()
    {
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator().ThenReply(EmulatedReply.Raw("""{"error":{"code":"1302","message":"slow down"},"request_id":"20260212"}""", "application/json", 429)));

        (await client.FailureAsync()).RequestId.Should().Be("20260212");
    }

    [Fact]
    public async Task What_the_content_filter_says_of_a_refused_prompt_does_not_hide_the_refusal()
    {
        const string refusal = """{"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301","message":"unsafe or sensitive"}}""";
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator().ThenRaw(ZhipuClients.Event(refusal), "text/event-stream"));

        (await client.FailureOf(isStreaming: true)).Kind.Should().Be(ErrorKind.ContentFiltered);
    }

    private static string Body(string code) => $$$"""{"error":{"code":"{{{code}}}","message":"what is wrong"}}""";
}
