using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Limits;

// Limits per caller as settings: bounds, configuration, and what code and configuration say together.
public sealed class CallerLimitSettingsTests : CallerCalls
{
    public static TheoryData<string, Action<CallerLimitOptions>> OutOfBounds => new()
    {
        { "CallerLimits.PerUser.RequestsPerSecond must be 1 to 1,000,000 (was 0).", limits => limits.PerUser.RequestsPerSecond = 0 },
        { "CallerLimits.PerUser.RequestsPerMinute must be 1 to 100,000,000 (was -1).", limits => limits.PerUser.RequestsPerMinute = -1 },
        { "CallerLimits.PerTenant.TokensPerMinute must be 1 to 1,000,000,000,000 (was 1,000,000,000,001).", limits => limits.PerTenant.TokensPerMinute = 1_000_000_000_001 },
        { "CallerLimits.PerTenant.InFlight must be 1 to 1,000,000 (was 1,000,001).", limits => limits.PerTenant.InFlight = 1_000_001 },
        { "CallerLimits.MaximumCallers must be 100 to 10,000,000 (was 99).", limits => limits.MaximumCallers = 99 },
    };

    [Theory]
    [MemberData(nameof(OutOfBounds))]
    public void A_setting_out_of_bounds_is_said_when_the_client_is_built(string message, Action<CallerLimitOptions> set)
    {
        Action build = () => Client(set).Dispose();

        HarborException error = build.Should().Throw<HarborException>().Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Be(message);
    }

    [Theory]
    [InlineData("PerUser:RequestsPerSecond", "requests a second")]
    [InlineData("PerUser:RequestsPerMinute", "requests a minute")]
    [InlineData("PerTenant:RequestsPerMinute", "requests a minute")]
    [InlineData("PerTenant:TokensPerMinute", "tokens a minute")]
    public async Task Configuration_sets_every_rate(string key, string what)
    {
        await using ServiceProvider container = Container(("CallerLimits:" + key, "1"));
        FastClient client = container.GetRequiredService<FastClient>();
        await AskAsync(client, By("alice", "acme"));

        (await RefusedAsync(client, By("alice", "acme"))).Message.Should().Contain(what).And.Contain("CallerLimits." + key.Replace(':', '.'));
    }

    [Fact]
    public async Task Configuration_adds_to_what_code_set()
    {
        IConfiguration section = Section(("OpenAI:Keys:0", "sk-one-7Qm2xWv9"), ("CallerLimits:PerUser:RequestsPerMinute", "2"), ("CallerLimits:PerUser:InFlight", "7"), ("CallerLimits:MaximumCallers", "1000"));
        CallerLimitOptions? seen = null;
        await using ServiceProvider container = new ServiceCollection()
            .AddSingleton<TimeProvider>(Time)
            .AddHarborAI(builder => builder.UseCallerLimits(limits => (limits.PerUser.RequestsPerSecond, limits.PerUser.RequestsPerMinute) = (5, 5)))
            .AddHarborAI(section, builder => builder.UseCallerLimits(limits => seen = limits))
            .BuildServiceProvider();

        container.GetRequiredService<FastClient>();

        (seen!.PerUser.RequestsPerSecond, seen.PerUser.RequestsPerMinute, seen.PerUser.TokensPerMinute, seen.PerUser.InFlight, seen.MaximumCallers).Should().Be((5, 2, null, 7, 1000));
    }

    [Theory]
    [InlineData("CallerLimits:PerUser:RequestsPerHour", "3", "RequestsPerHour")]
    [InlineData("CallerLimits:PerUser", "3", "PerUser")]
    [InlineData("CallerLimits", "3", "CallerLimits")]
    public void An_unknown_key_or_a_text_is_an_error(string key, string value, string named)
    {
        using ServiceProvider container = Container((key, value));

        Action build = () => container.GetRequiredService<FastClient>();

        build.Should().Throw<HarborException>().WithMessage($"*{named}*").Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Fact]
    public async Task Changing_the_options_later_has_no_effect()
    {
        CallerLimitOptions? kept = null;
        await using FastClient client = Client(limits =>
        {
            limits.PerUser.RequestsPerMinute = 1;
            kept = limits;
        });

        kept!.PerUser.RequestsPerMinute = 100;

        await AskAsync(client, By("alice"));
        await RefusedAsync(client, By("alice"));
    }

    private ServiceProvider Container(params (string Key, string Value)[] values)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddHarborAI(Section([("DefaultModel", TestClients.Model), .. values]), builder => builder.AddOpenAI("sk-test-key-7Qm2xWv9", openAI => openAI.UseHandler(Provider.CreateHandler())));
        return services.BuildServiceProvider();
    }

    private static IConfiguration Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection([.. values.Select(pair => KeyValuePair.Create<string, string?>("Harbor:" + pair.Key, pair.Value))]).Build().GetSection("Harbor");
}
