using System.Text;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// What is wrong with the description of a service is said when the client is built.
public sealed class LocalSetUpTests
{
    public static TheoryData<string, Action<ZhipuLocalOptions>, string> WrongSetUps => new()
    {
        { "name with a slash", o => o.Services["a/b"] = new(), "Services.a/b" },
        { "name of dots", o => o.Services[".."] = new(), "Services..." },
        { "null", o => o.Services["a"] = null!, "ZhipuLocal.Services.a" },
        { "relative endpoint", o => o.Services["a"] = new() { Endpoint = new Uri("v1/", UriKind.Relative) }, "ZhipuLocal.Services.a.Endpoint" },
        { "endpoint with a query", o => o.Services["a"] = new() { Endpoint = new Uri("http://a/?x=1") }, "ZhipuLocal.Services.a.Endpoint" },
        { "path to another host", o => Describe(o).Path = "http://evil.test/x", "ZhipuLocal.Services.a.Path" },
        { "path to another host without a scheme", o => Describe(o).Path = "//evil.test/x", "ZhipuLocal.Services.a.Path" },
        { "path of another scheme", o => Describe(o).Path = "file:x", "ZhipuLocal.Services.a.Path" },
        { "path upwards", o => Describe(o).Path = "../x", "ZhipuLocal.Services.a.Path" },
        { "path with a backslash", o => Describe(o).Path = @"\\evil.test\x", "ZhipuLocal.Services.a.Path" },
        { "path with a fragment", o => Describe(o).Path = "x#y", "ZhipuLocal.Services.a.Path" },
        { "empty path", o => Describe(o).Path = "", "ZhipuLocal.Services.a.Path" },
        { "no path", o => Describe(o).Path = null, "ZhipuLocal.Services.a.Path" },
        { "method", o => Describe(o).Method = "GET", "ZhipuLocal.Services.a.Method" },
        { "template that is no JSON", o => Describe(o).Request = "{ prompt }", "ZhipuLocal.Services.a.Request" },
        { "placeholder outside a text", o => Describe(o).Request = """{ "max": {{max_tokens}} }""", "ZhipuLocal.Services.a.Request" },
        { "template that is no object", o => Describe(o).Request = "\"{{prompt}}\"", "ZhipuLocal.Services.a.Request" },
        { "placeholder in a name", o => Describe(o).Request = """{ "{{prompt}}": 1 }""", "ZhipuLocal.Services.a.Request" },
        { "placeholder without an end", o => Describe(o).Request = """{ "a": "{{prompt" }""", "ZhipuLocal.Services.a.Request" },
        { "placeholder without a name", o => Describe(o).Request = """{ "a": "{{}}" }""", "ZhipuLocal.Services.a.Request" },
        { "placeholder with an odd name", o => Describe(o).Request = """{ "a": ["{{a.b}}"] }""", "ZhipuLocal.Services.a.Request" },
        { "no template", o => Describe(o).Request = null, "ZhipuLocal.Services.a.Request" },
        { "template without an answer", o => Describe(o).Text = null, "none of Text, Image and Job" },
        { "pointer without a slash", o => Describe(o).Text = "text", "ZhipuLocal.Services.a.Text" },
        { "pointer with a bad escape", o => Describe(o).Image = "/a~2", "ZhipuLocal.Services.a.Image" },
        { "pointer that ends in an escape", o => Describe(o).Error = "/a~", "ZhipuLocal.Services.a.Error" },
        { "pointer that is too deep", o => Describe(o).Error = string.Concat(Enumerable.Repeat("/a", 33)), "ZhipuLocal.Services.a.Error" },
        { "job's path without the id", o => Describe(o).Job = new() { Path = "jobs" }, "ZhipuLocal.Services.a.Job.Path" },
        { "job's path with the id twice", o => Describe(o).Job = new() { Path = "{{id}}/{{id}}" }, "ZhipuLocal.Services.a.Job.Path" },
        { "job's path to another host", o => Describe(o).Job = new() { Path = "http://evil.test/{{id}}" }, "ZhipuLocal.Services.a.Job.Path" },
        { "job's pointers", o => Describe(o).Job = new() { Status = "status" }, "ZhipuLocal.Services.a.Job.Status" },
        { "a state that is both", o => Describe(o).Job = new() { Succeeded = { "OVER" }, Failed = { "over" } }, "ZhipuLocal.Services.a.Job" },
        { "profile out of range", o => Describe(o).Profile = (ZhipuLocalProfile)9, "ZhipuLocal.Services.a.Profile" },
        { "profile of a model out of range", o => o.Profiles["m"] = (ZhipuLocalProfile)9, "ZhipuLocal.Profiles['m']" },
        { "a model of two services", o => { Describe(o).Models.Add("m"); o.Services["b"] = new() { Models = { "m" } }; }, "'m'" },
        { "a model with another service's name", o => { Describe(o).Models.Add("b"); o.Services["b"] = new(); }, "'b'" },
        { "empty model", o => Describe(o).Models.Add(""), "ZhipuLocal.Services.a.Models" },
    };

    [Theory]
    [MemberData(nameof(WrongSetUps))]
    public void A_wrong_setting_fails_the_build_and_is_named(string what, Action<ZhipuLocalOptions> configure, string named)
    {
        HarborException error = FluentActions.Invoking(() => LocalClient(new ProviderEmulator(), configure)).Should().Throw<HarborException>(what).Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain(named);
    }

    [Fact]
    public async Task Changing_a_description_after_the_build_has_no_effect()
    {
        ZhipuLocalServiceOptions? kept = null;
        var host = new ProviderEmulator().Otherwise(Json("""{"text":"ok"}"""));
        await using var client = LocalClient(host, o => kept = Describe(o));

        kept!.Path = "elsewhere";
        kept.Text = "/other";
        kept.Models.Add("m");

        (await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/a" })).Text.Should().Be("ok");
        host.Attempts[0].Path.Should().Be("/v1/generate");
    }

    [Fact]
    public async Task The_whole_description_can_come_from_configuration()
    {
        const string Json = """
            { "DefaultModel": "zhipu-local/chatglm3-6b",
              "ZhipuLocal": { "Endpoint": "http://gpu0:8000/v1/", "Profiles": { "my-glm": "ChatGlm3Demo" },
                "Services": {
                  "codegeex4": { "Endpoint": "http://gpu2:8080/v1/", "Profile": "CodeGeeX", "Models": [ "codegeex4-all-9b" ] },
                  "cogvideo": { "Endpoint": "http://gpu4:9000/", "Path": "generate", "Method": "PUT", "Request": "{ \"prompt\": \"{{prompt}}\" }", "Error": "/error",
                    "Job": { "Id": "/job", "Path": "jobs/{{id}}/state", "Status": "/state", "Succeeded": [ "over" ], "Failed": [ "broken" ], "Video": "/file", "Cover": "/still" } },
                  "caption": { "Path": "caption", "Request": "{\"q\":\"{{prompt}}\"}", "Text": "/text", "Image": "/image" } } } }
            """;
        await using ServiceProvider services = Container(Json).BuildServiceProvider();

        FastClient client = services.GetRequiredService<FastClient>();

        client.GetRequiredService<ChatClientMetadata>().ProviderUri.Should().Be("http://gpu0:8000/v1/");
    }

    [Theory]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Service": {} , "Nonsense": 1 } }""", "Nonsense")]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Services": { "x": { "Pointer": "/a" } } } }""", "Pointer")]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Services": { "x": { "Path": "p", "Job": { "Stat": "/a" } } } } }""", "Stat")]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Services": { "x": { "Models": "m" } } } }""", "Models")]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Services": { "x": { "Path": "p", "Job": { "Failed": "m" } } } } }""", "Failed")]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Services": { "x": { "Path": "p", "Text": "/t", "Request": { "a": "b" } } } } }""", "Request")]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Profiles": { "m": "Nonsense" } } }""", "Profiles")]
    [InlineData("""{ "ZhipuLocal": { "Endpoint": "http://a/", "Services": { "x": { "Text": "/t" } } } }""", "ZhipuLocal.Services.x.Path")]
    public void A_wrong_key_or_value_of_configuration_is_named(string json, string named)
    {
        using ServiceProvider services = Container(json).BuildServiceProvider();

        HarborException error = FluentActions.Invoking(() => services.GetRequiredService<FastClient>()).Should().Throw<HarborException>().Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain(named);
    }

    private static IServiceCollection Container(string json) => new ServiceCollection().AddHarborAI(
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Harbor": {{json}} }"""))).Build().GetSection("Harbor"));

    private static ZhipuLocalServiceOptions Describe(ZhipuLocalOptions options) =>
        options.Services["a"] = new ZhipuLocalServiceOptions { Path = "generate", Request = """{"q":"{{prompt}}"}""", Text = "/text" };
}
