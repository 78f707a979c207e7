using System.Text.Json.Serialization;
using HarborClient.Testing;

namespace HarborClient.Tests.Services;

// Hosts that answer by method and path, and the clients that ask them.
internal static class ServiceHosts
{
    public const string Key = "zhipu-id.secret-7Qm2xWv9AbCd";

    public static readonly Uri ZhipuEndpoint = new("https://open.example.test/api/paas/v4/");

    public static EmulatedReply Json(string body, int status = 200) => EmulatedReply.Raw(body, "application/json", status);

    // One reply after the other; the last one repeats.
    public static ProviderEmulator On(this ProviderEmulator emulator, string method, string path, params EmulatedReply[] replies)
    {
        int next = -1;
        return emulator.Respond(attempt => attempt.Method == method && attempt.Path == path ? replies[Math.Min(Interlocked.Increment(ref next), replies.Length - 1)] : null);
    }

    public static FastClient ZhipuClient(ProviderEmulator provider, TimeProvider time, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddZhipu(Key, o =>
        {
            o.Endpoint = ZhipuEndpoint;
            o.SendOnceThrough(provider.CreateHandler());
        }).UseTimeProvider(time);
        more?.Invoke(h);
    });

    public static FastClient LocalClient(ProviderEmulator provider, Action<ZhipuLocalOptions>? options = null, TimeProvider? time = null, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddZhipuLocal(new Uri("http://gpu0.test:8000/v1/"), o =>
        {
            o.SendOnceThrough(provider.CreateHandler());
            options?.Invoke(o);
        }).UseTimeProvider(time ?? new ManualTimeProvider());
        more?.Invoke(h);
    });

    public static async Task<HarborException> ErrorAsync(this Task call) => (await FluentActions.Awaiting(() => call).Should().ThrowAsync<HarborException>()).Which;
}

internal sealed record Snippet(string Prompt, string Language);

internal sealed record Code([property: JsonRequired] string Text, int Lines = 0);

internal sealed record Faulty(string Fault = "the getter's own fault")
{
    public string Name => throw new FormatException(Fault);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Snippet))]
[JsonSerializable(typeof(Code))]
[JsonSerializable(typeof(Faulty))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(Dictionary<string, int>))]
internal sealed partial class ServiceJson : JsonSerializerContext;
