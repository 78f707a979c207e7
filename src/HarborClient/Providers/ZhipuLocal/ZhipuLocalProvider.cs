using System.Buffers;
using System.Collections.Frozen;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Transport;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>Own services of Zhipu's open models: chat servers with their deviations, on one host or several, and services with JSON of their own.</summary>
internal sealed class ZhipuLocalProvider : OpenAICompatibleProvider
{
    internal const string DefaultName = "zhipu-local";

    private readonly LocalServices _services;
    private readonly FrozenDictionary<Uri, HttpTransport> _transports;

    internal ZhipuLocalProvider(ProviderSetup setup, LocalServices services, ResourceCounters counters, TimeProvider time) : base(setup, counters, time)
    {
        _services = services;
        _transports = services.All.Select(service => service.Endpoint).OfType<Uri>().Distinct()
            .ToFrozenDictionary(endpoint => endpoint, endpoint => CreateTransport(endpoint, isOwnHost: true));
    }

    private protected override ChatDialect Dialect => LocalDialects.Of(ZhipuLocalProfile.OpenAI);

    private protected override ChatDialect DialectOf(Call attempt) => LocalDialects.Of(_services.ProfileOf(attempt.Target!.Model));

    internal override bool Serves(string model) => base.Serves(model) || _services.Serves(model);

    internal override Uri EndpointOf(string model) => _services.Find(model)?.Endpoint ?? Endpoint;

    internal override HttpTransport TransportTo(Target target) => _transports.GetValueOrDefault(target.Endpoint) ?? Transport;

    internal override Uri AddressOf(Call attempt)
    {
        Uri endpoint = attempt.Target!.Endpoint;
        if (ReferenceEquals(endpoint, Endpoint)) return base.AddressOf(attempt);
        return new Uri(endpoint, attempt.Operation == CallOperation.Embed ? "embeddings" : "chat/completions");
    }

    internal override ServiceDialect? ServiceOf(Call attempt)
    {
        string model = attempt.Target!.Model;
        LocalService? service = _services.Find(model);
        return attempt.Operation switch
        {
            CallOperation.Invoke => OwnJsonOf(service, model),
            CallOperation.Image => service?.Image is not null ? service : throw NoService("images"),
            CallOperation.Job when attempt.Request.Service!.Kind == ServiceKind.Video => service?.Job is not null ? service : throw NoService("videos"),
            CallOperation.Chat when service?.HasOwnJson == true => service.Text is not null || service.Image is not null
                ? new LocalChat(service, Defaults)
                : throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"'{attempt.Target.Name}' is no chat model: its service has no Text, which says where the answer is. InvokeAsync sends its own JSON."),
            _ => base.ServiceOf(attempt),
        };
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (HttpTransport transport in _transports.Values) transport.Dispose();
    }

    /// <summary>A described service by its name alone, or any path below its address, or below the provider's where the first segment is no service.</summary>
    private static ServiceDialect OwnJsonOf(LocalService? service, string model)
    {
        if (service is null || !LocalServices.IsOf(service, model)) return OwnJsonService.Instance;
        if (model.Length > service.Name.Length) return new OwnJsonBelow(model[(service.Name.Length + 1)..]);
        return service.HasOwnJson
            ? service
            : throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"The service '{service.Name}' has no Path: add one to the name, as in '{DefaultName}/{service.Name}/generate', or set it.");
    }

    /// <summary>A path below the address of a service.</summary>
    private sealed class OwnJsonBelow(string path) : ServiceDialect
    {
        internal override Uri AddressOf(Call attempt) => ServicePath.Below(attempt.Target!.Endpoint, path);

        internal override void WriteRequest(Call attempt, IBufferWriter<byte> body) => OwnJsonService.Instance.WriteRequest(attempt, body);

        internal override AnswerParser CreateParser(Call attempt) => OwnJsonService.Instance.CreateParser(attempt);
    }

    /// <summary>A described service asked as a chat model, with the provider's defaults.</summary>
    private sealed class LocalChat(LocalService service, RequestDefaults defaults) : ServiceDialect
    {
        internal override HttpMethod MethodOf(Call attempt) => service.MethodOf(attempt);

        internal override Uri AddressOf(Call attempt) => service.AddressOf(attempt);

        internal override void WriteRequest(Call attempt, IBufferWriter<byte> body) => service.WriteRequest(attempt, defaults, body);

        internal override AnswerParser CreateParser(Call attempt) => service.CreateParser(attempt);
    }
}
