using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Zhipu;

// Tokens signed with the key, as Zhipu's own clients sign them.
public sealed class ZhipuTokenTests
{
    private const string Secret = "SecretHalf7Qm2xWv9";
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private readonly ManualTimeProvider _time = new(Start);

    [Fact]
    public async Task The_token_is_the_documented_one()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Signing(provider);

        await client.AskAsync();

        string[] parts = Token(provider, 0).Split('.');
        Encoding.UTF8.GetString(Decoded(parts[0])).Should().Be("""{"alg":"HS256","sign_type":"SIGN"}""");
        Encoding.UTF8.GetString(Decoded(parts[1])).Should().Be("""{"api_key":"0123456789abcdef","exp":1767323255678,"timestamp":1767323045678}""");
        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(Secret));
        Decoded(parts[2]).Should().Equal(hmac.ComputeHash(Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}")));
        parts.Should().HaveCount(3).And.OnlyContain(part => !part.Contains('=') && !part.Contains('+') && !part.Contains('/'));
    }

    [Fact]
    public async Task A_token_serves_for_180_seconds_and_is_then_signed_anew()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Signing(provider);

        await client.AskAsync();
        _time.Advance(TimeSpan.FromSeconds(179));
        await client.AskAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await client.AskAsync();
        _time.SetUtcNow(Start);
        await client.AskAsync();

        Token(provider, 1).Should().Be(Token(provider, 0));
        TimestampOf(Token(provider, 2)).Should().Be(Start.AddSeconds(180).ToUnixTimeMilliseconds());
        TimestampOf(Token(provider, 3)).Should().Be(Start.ToUnixTimeMilliseconds(), "a token of the future is none, when the clock was set back");
    }

    [Theory]
    [InlineData(401, """{"error":{"code":"1003","message":"expired"}}""", "application/json")]
    [InlineData(401, """{"error":{"code":"1002","message":"invalid"}}""", "application/json")]
    [InlineData(401, "", "text/html")]
    [InlineData(200, """{"error":{"code":"1003","message":"expired"}}""", "application/json")]
    [InlineData(200, "data: {\"error\":{\"code\":\"1003\",\"message\":\"expired\"}}\n\n", "text/event-stream")]
    public async Task A_refused_token_is_not_used_again(int status, string body, string type)
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Raw(body, type, status));
        await using FastClient client = Signing(provider);

        (await client.FailureAsync()).Kind.Should().Be(ErrorKind.Authentication);
        _time.Advance(TimeSpan.FromSeconds(1));
        await client.AskAsync();

        TimestampOf(Token(provider, 1)).Should().Be(Start.AddSeconds(1).ToUnixTimeMilliseconds());
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_error_that_is_not_about_the_token_leaves_it_alone()
    {
        var provider = new ProviderEmulator().Then(429).Then(500);
        await using FastClient client = Signing(provider);

        await client.FailureAsync();
        await client.FailureAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await client.AskAsync();

        Token(provider, 2).Should().Be(Token(provider, 0));
    }

    [Fact]
    public async Task Calls_at_once_share_a_token()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Signing(provider);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => client.AskAsync())));

        provider.Attempts.Should().HaveCount(50);
        Enumerable.Range(0, 50).Select(i => Token(provider, i)).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Keys_that_take_turns_have_a_token_each()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Signing(provider, o => o.Keys.Add("other-id.OtherSecret0001-7Qm2xWv9"));

        for (int i = 0; i < 4; i++) await client.AskAsync();

        Token(provider, 0).Should().Be(Token(provider, 2)).And.NotBe(Token(provider, 1));
        Token(provider, 1).Should().Be(Token(provider, 3));
    }

    [Theory]
    [InlineData("sk-no-dot")]
    [InlineData("id.")]
    [InlineData(".secret")]
    [InlineData("a.b.c")]
    public async Task A_key_that_cannot_sign_is_a_configuration_error(string key)
    {
        Action fixedKey = () => FastClient.Create(h => h.AddZhipu(key, o => o.Authentication = ZhipuAuthentication.Token));
        var provider = new ProviderEmulator();
        await using FastClient asked = Signing(provider, o => o.UseCredential(_ => ValueTask.FromResult(key)));

        HarborException atBuild = fixedKey.Should().Throw<HarborException>().Which;
        HarborException atCall = await asked.FailureAsync();

        atBuild.Kind.Should().Be(ErrorKind.Configuration);
        atCall.Kind.Should().Be(ErrorKind.Configuration);
        atBuild.Message.Should().Contain("id.secret").And.NotContain("sk-no-dot");
        atCall.Message.Should().Be(atBuild.Message);
        provider.Attempts.Should().BeEmpty();
        asked.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public void Configuration_can_ask_for_tokens()
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Zhipu:Keys:0"] = "no-dot", ["Zhipu:Authentication"] = "Token" }).Build();
        using ServiceProvider container = new ServiceCollection().AddHarborAI(section).BuildServiceProvider();

        Action build = () => container.GetRequiredService<FastClient>();

        build.Should().Throw<Exception>().Which.ToString().Should().Contain("id.secret");
    }

    [Fact]
    public void A_way_to_authorize_that_does_not_exist_is_a_configuration_error()
    {
        Action build = () => FastClient.Create(h => h.AddZhipu(ZhipuClients.Key, o => o.Authentication = (ZhipuAuthentication)7));

        build.Should().Throw<HarborException>().Which.Message.Should().Contain("Zhipu.Authentication must be one of Key, Token");
    }

    [Fact]
    public async Task A_key_is_sent_as_it_is_unless_tokens_are_asked_for()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);

        await client.AskAsync();

        Token(provider, 0).Should().Be(ZhipuClients.Key);
    }

    [Theory]
    [InlineData(401, false)]
    [InlineData(500, false)]
    [InlineData(200, false)]
    [InlineData(500, true)]
    public async Task Nothing_secret_is_in_an_error_that_quotes_it(int status, bool isStreaming)
    {
        string token = "";
        var provider = new ProviderEmulator().Respond(attempt =>
        {
            token = attempt.Headers["authorization"]["Bearer ".Length..];
            return EmulatedReply.Raw($$$"""{"error":{"code":"1002","message":"token {{{token}}} of key {{{ZhipuClients.Key}}} with secret {{{Secret}}}, signature {{{token.Split('.')[2]}}}"},"request_id":"for {{{token}}}"}""", "application/json", status).Header("x-log-id", "log-" + token);
        });
        await using FastClient client = Signing(provider);

        HarborException error = await client.FailureOf(isStreaming);

        string said = $"{error} {error.RequestId} {error.ProviderCode} {string.Join(' ', error.Attempts)}";
        said.Should().NotContain(Secret).And.NotContain(token).And.NotContain(token.Split('.')[2]).And.NotContain(token.Split('.')[1]);
        error.Message.Should().Contain("token").And.Contain("with secret");
    }

    [Fact]
    public async Task A_short_secret_half_is_taken_out_too()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Error(401, message: "the secret is S3cret-77 here"));
        await using FastClient client = FastClient.Create(h => h.AddZhipu("some-id.S3cret-77", o => o.SendOnceThrough(provider.CreateHandler())).UseDefaultModel("zhipu/glm-4.7"));

        (await client.FailureAsync()).Message.Should().NotContain("S3cret-77").And.Contain("the secret is");
    }

    private FastClient Signing(ProviderEmulator provider, Action<ZhipuOptions>? more = null) => ZhipuClients.Of(provider, _time, o =>
    {
        o.Authentication = ZhipuAuthentication.Token;
        more?.Invoke(o);
    });

    private static string Token(ProviderEmulator provider, int attempt)
    {
        string header = provider.Attempts[attempt].Headers["authorization"];
        header.Should().StartWith("Bearer ");
        return header["Bearer ".Length..];
    }

    private static long TimestampOf(string token) => JsonDocument.Parse(Decoded(token.Split('.')[1])).RootElement.GetProperty("timestamp").GetInt64();

    private static byte[] Decoded(string part) => Convert.FromBase64String(part.Replace('-', '+').Replace('_', '/').PadRight((part.Length + 3) / 4 * 4, '='));
}
