using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Hostile;

// Settings that look right and are not.
public sealed class SetUpTests
{
    private const string Key = HostileClients.Key;
    private const string Lab = """ "Local":{"lab":{"Endpoint":"http://gpu1.test/v1/"}} """;

    private static readonly Uri Endpoint = new("http://gpu1.test:8000/v1/");

    public static TheoryData<string, Action<HarborBuilder>, string> WrongSetUps => new()
    {
        { "names that differ only in case", h => h.AddLocal("lab", Endpoint).AddLocal("LAB", Endpoint), "LAB" },
        { "a name that differs from a provider's only in case", h => h.AddOpenAI(Key).AddLocal("OpenAI", Endpoint), "OpenAI" },
        { "an alias that differs from a provider only in case", h => h.AddLocal("lab", Endpoint).MapModel("LAB", "lab/x"), "LAB" },
        { "an alias with a line break", h => h.AddLocal("lab", Endpoint).MapModel("a\nb", "lab/y"), "MapModel" },
        { "an alias with a carriage return", h => h.AddLocal("lab", Endpoint).MapModel("a\rb", "lab/y"), "MapModel" },
        { "a target with a line break", h => h.AddLocal("lab", Endpoint).MapModel("a", "lab/y\nINFO"), "MapModel" },
        { "a default model with a line break", h => h.AddLocal("lab", Endpoint).UseDefaultModel("lab/y\nINFO"), "efault" },
        { "a header without value", h => h.AddOpenAI(Key, o => o.DefaultHeaders["X-Team"] = null!), "OpenAI.DefaultHeaders['X-Team']" },
        { "a header that is not ASCII", h => h.AddOpenAI(Key, o => o.DefaultHeaders["X-Team"] = "é"), "OpenAI.DefaultHeaders['X-Team']" },
        { "a header of the transfer", h => h.AddOpenAI(Key, o => o.DefaultHeaders["Transfer-Encoding"] = "chunked"), "OpenAI.DefaultHeaders['Transfer-Encoding']" },
        { "a header of the transfer in small letters", h => h.AddLocal("lab", Endpoint, o => o.DefaultHeaders["transfer-encoding"] = "chunked"), "DefaultHeaders['transfer-encoding']" },
    };

    public static TheoryData<string, string> WrongSections => new()
    {
        { """{"Local":{"lab":{"Endpoint":"http://gpu1.test/v1/","Keys":"sk-hidden-value-0001"}}}""", "Local:lab:Keys" },
        { """{"OpenAI":{"Keys":"sk-hidden-value-0001"}}""", "OpenAI:Keys" },
        { """{"Local":{"lab":{"Endpoint":"http://gpu1.test/v1/","Models":"sk-hidden-value-0001"}}}""", "Local:lab:Models" },
        { "{" + Lab + """,  "Models":{"chat":"lab/sk-hidden-value-0001"}}""", "Models:chat" },
        { "{" + Lab + """,  "Models":"lab/sk-hidden-value-0001"}""", "Models" },
    };

    [Theory]
    [MemberData(nameof(WrongSetUps))]
    public void A_wrong_setting_fails_the_build_and_is_named(string what, Action<HarborBuilder> configure, string named)
    {
        HarborException error = FluentActions.Invoking(() => FastClient.Create(configure)).Should().Throw<HarborException>(what).Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain(named).And.NotContain("\n").And.NotContain("\r");
        error.ToString().Should().NotContain(Key);
    }

    [Theory]
    [MemberData(nameof(WrongSections))]
    public void A_value_where_a_list_belongs_is_refused_with_its_path(string json, string path)
    {
        HarborException error = FluentActions.Invoking(() => Build(json)).Should().Throw<HarborException>().Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain(path);
        error.Message.Should().NotContain("sk-hidden-value-0001", "it may be a key");
    }

    [Fact]
    public async Task A_section_that_sets_one_clock_leaves_the_others_as_code_set_them()
    {
        HostileHandler host = HostileHandler.Answering(Wire.Whole("fine"));
        TimeSpan? total = null;
        var services = new ServiceCollection();
        services.AddHarborAI(builder => builder
            .AddLocal("lab", Endpoint, local => local.SendOnceThrough(host))
            .UseDefaultModel("lab/x")
            .UseClocks(clocks => clocks.TotalTimeout = TimeSpan.FromSeconds(42))
            .AddStage(StageScope.Call, next => new Face.CallProbe(next, call => total = call.Settings.TotalTimeout)));
        services.AddHarborAI(Section("""{"Clocks":{"IdleTimeout":"00:00:20"}}"""));
        await using ServiceProvider provider = services.BuildServiceProvider();

        await provider.GetRequiredService<FastClient>().TextAsync(isStreaming: false);

        total.Should().Be(TimeSpan.FromSeconds(42));
    }

    [Fact]
    public async Task After_many_builds_that_failed_a_good_one_works()
    {
        for (int i = 0; i < 200; i++)
        {
            FluentActions.Invoking(() => FastClient.Create(builder => builder.AddLocal("lab", Endpoint).AddOpenAI(Key).UseDefaultModel("nobody/x"))).Should().Throw<HarborException>();
        }

        await using FastClient client = HostileClients.One(HostileHandler.Answering(Wire.Whole("fine")));

        (await client.TextAsync(isStreaming: false)).Should().Be("fine");
    }

    private static FastClient Build(string json)
    {
        using ServiceProvider provider = new ServiceCollection().AddHarborAI(Section(json)).BuildServiceProvider();
        return provider.GetRequiredService<FastClient>();
    }

    private static IConfiguration Section(string json) => new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
}
