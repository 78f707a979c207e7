using System.Buffers;
using HarborClient.Errors;
using HarborClient.Pipeline;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>A service as its options describe it, validated and copied. Immutable.</summary>
internal sealed class LocalService : ServiceDialect
{
    private readonly string? _path;
    private readonly HttpMethod _method;
    private readonly RequestTemplate? _request;
    private readonly string[] _jobPath;

    private LocalService(string name, ZhipuLocalServiceOptions options, string setting)
    {
        Name = name;
        Endpoint = options.Endpoint is null ? null : ProviderSetup.CheckEndpoint(options.Endpoint, setting);
        Models = [.. options.Models];
        Profile = options.Profile;
        SettingCheck.Defined(options.Profile, $"{setting}.Profile");
        _path = options.Path is null ? null : CheckedPath(options.Path, $"{setting}.Path");
        _method = options.Method?.ToUpperInvariant() switch
        {
            "POST" => HttpMethod.Post,
            "PUT" => HttpMethod.Put,
            _ => throw ErrorFactory.Setting(ErrorKind.Configuration, $"{setting}.Method must be POST or PUT (was '{ErrorFactory.Quote(options.Method ?? "", 40)}')."),
        };
        _request = options.Request is null ? null : RequestTemplate.Parse(options.Request, $"{setting}.Request");
        Text = PointerOf(options.Text, $"{setting}.Text");
        Image = PointerOf(options.Image, $"{setting}.Image");
        Error = PointerOf(options.Error, $"{setting}.Error");
        Job = options.Job is null ? null : LocalJob.From(options.Job, $"{setting}.Job");
        _jobPath = options.Job is null ? [] : CheckedPath(options.Job.Path ?? "", $"{setting}.Job.Path").Split("{{id}}");
        bool hasAnswer = Text is not null || Image is not null || Job is not null;
        if (options.Job is not null && _jobPath.Length != 2) throw Wrong($"{setting}.Job.Path must name {{{{id}}}} once");
        if (_path is null && (_request is not null || hasAnswer || Error is not null)) throw Wrong($"{setting}.Path is missing: it says where the request goes");
        if (hasAnswer && _request is null) throw Wrong($"{setting}.Request is missing: it says what is sent");
        if (_request is not null && !hasAnswer) throw Wrong($"{setting} has a Request and none of Text, Image and Job, which say where the answer is");
    }

    internal string Name { get; }

    /// <summary>Null for the provider's.</summary>
    internal Uri? Endpoint { get; }

    internal string[] Models { get; }

    internal ZhipuLocalProfile? Profile { get; }

    internal JsonPointer? Text { get; }

    internal JsonPointer? Image { get; }

    internal JsonPointer? Error { get; }

    internal LocalJob? Job { get; }

    /// <summary>Whether JSON of its own is described, and not a chat server.</summary>
    internal bool HasOwnJson => _path is not null;

    internal static LocalService From(string name, ZhipuLocalServiceOptions options, string setting)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name is "." or "..")
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{ErrorFactory.Quote(setting, 200)}: a service's name must consist of ASCII letters, digits, '-', '_' and '.'.");
        return new LocalService(name, options, setting);
    }

    internal override HttpMethod MethodOf(Call attempt) => attempt.Request.Service?.JobId is null ? _method : HttpMethod.Get;

    internal override Uri AddressOf(Call attempt)
    {
        Uri endpoint = attempt.Target!.Endpoint;
        return attempt.Request.Service?.JobId is { } id
            ? new Uri(endpoint, _jobPath[0] + Uri.EscapeDataString(id) + _jobPath[1])
            : new Uri(endpoint, _path!);
    }

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body) => WriteRequest(attempt, default, body);

    internal void WriteRequest(Call attempt, RequestDefaults defaults, IBufferWriter<byte> body)
    {
        if (attempt.Request.Service is { Kind: ServiceKind.Own } own) body.Write(own.Json.Span);
        else if (attempt.Request.Service?.JobId is null) _request!.Write(body, TemplateValues.Of(attempt, defaults));
    }

    internal override AnswerParser CreateParser(Call attempt) => new LocalAnswerParser(this, attempt);

    private static JsonPointer? PointerOf(string? pointer, string setting) => pointer is null ? null : JsonPointer.Parse(pointer, setting);

    /// <summary>A path stays on the host it is a path of.</summary>
    private static string CheckedPath(string path, string setting)
    {
        var host = new Uri("http://host/root/");
        bool isPath = path.Length > 0
            && !path.StartsWith("//", StringComparison.Ordinal)
            && !path.Any(c => c is '\\' or '#' || char.IsControl(c))
            && !path.Split('/', '?').Contains("..")

            // "name:8080/x" is an absolute address; so is, on Linux, "/x".
            && (path[0] == '/' || !Uri.TryCreate(path, UriKind.Absolute, out _))
            && Uri.TryCreate(host, path, out Uri? address) && address.Authority == host.Authority && address.Scheme == host.Scheme;
        return isPath ? path : throw Wrong($"{setting} must be a path below Endpoint, such as 'generate', or from the host's root, such as '/generate' (was '{ErrorFactory.Quote(path, 100)}')");
    }

    private static HarborException Wrong(string what) => ErrorFactory.Setting(ErrorKind.Configuration, what + ".");
}
