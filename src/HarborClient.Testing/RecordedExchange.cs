using System.Text.Json;
using HarborClient.Testing.Engine;
using HarborClient.Testing.Protocols;

namespace HarborClient.Testing;

/// <summary>One recorded request and reply, read from a folder.</summary>
/// <remarks>
/// The folder holds meta.json, the body as response.json, response.sse, response.txt or chunks.jsonl (one event's data a line), and perhaps request.json
/// and expected.json. Immutable, safe to share. The bodies are the bytes after content-decoding.
/// </remarks>
public sealed class RecordedExchange
{
    private const string MetaFile = "meta.json";
    private const string ChunksFile = "chunks.jsonl";

    private static readonly string[] BodyFiles = ["response.json", "response.sse", "response.txt", ChunksFile];

    // They describe how the recorded bytes travelled, not those that are sent now; the content type is sent by its own setting.
    private static readonly string[] TransportHeaders =
        ["transfer-encoding", "content-length", "content-encoding", "content-type", "connection", "keep-alive", "date"];

    private readonly byte[] _body;
    private readonly byte[] _requestBody;

    private RecordedExchange(string folder, JsonElement meta, byte[] body, byte[] requestBody)
    {
        Folder = folder;
        Name = $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{Path.GetFileName(folder)}";
        Meta = meta;
        Provider = Required(meta, "provider");
        Protocol = Required(meta, "protocol");
        StatusCode = meta.GetProperty("status").GetInt32();
        IsStreaming = meta.Member("stream")?.ValueKind == JsonValueKind.True;
        Method = meta.Member("method")?.Text() ?? "POST";
        RequestPath = meta.Member("path")?.Text();
        Headers = ReadHeaders(meta);
        ChunkSizes = [.. meta.Member("transport_chunk_sizes").Items().Select(size => size.GetInt32())];
        _body = body;
        _requestBody = requestBody;
    }

    /// <summary>The folder it was read from.</summary>
    public string Folder { get; }

    /// <summary>"provider/case": the last two parts of the folder.</summary>
    public string Name { get; }

    /// <summary>Whose traffic it is: "openai-chat", "compat", "anthropic", …</summary>
    public string Provider { get; }

    /// <summary>Which protocol it speaks: "chat", "responses", "messages", …</summary>
    public string Protocol { get; }

    /// <summary>The recorded status.</summary>
    public int StatusCode { get; }

    /// <summary>Whether a streamed reply was asked for.</summary>
    public bool IsStreaming { get; }

    /// <summary>The recorded method.</summary>
    public string Method { get; }

    /// <summary>Path and query of the request, or null if not recorded.</summary>
    public string? RequestPath { get; }

    /// <summary>The recorded reply headers; names in any case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Sizes in bytes of the network chunks the body arrived in; empty if not recorded.</summary>
    public IReadOnlyList<int> ChunkSizes { get; }

    /// <summary>All of meta.json.</summary>
    public JsonElement Meta { get; }

    /// <summary>The reply's body.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>The request's body; empty if not recorded.</summary>
    public ReadOnlyMemory<byte> RequestBody => _requestBody;

    /// <summary>Reads one folder.</summary>
    /// <returns>The exchange.</returns>
    /// <exception cref="FileNotFoundException">The folder has no meta.json or no body.</exception>
    public static RecordedExchange Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        JsonElement meta = ReadJson(Path.Combine(folder, MetaFile));
        string bodyFile = Array.Find(BodyFiles, name => File.Exists(Path.Combine(folder, name)))
            ?? throw new FileNotFoundException($"{folder} holds none of {string.Join(", ", BodyFiles)}.");
        byte[] body = File.ReadAllBytes(Path.Combine(folder, bodyFile));
        string requestFile = Path.Combine(folder, "request.json");
        return new RecordedExchange(
            folder,
            meta,
            bodyFile == ChunksFile ? FrameChunks(body, Required(meta, "protocol") == "chat") : body,
            File.Exists(requestFile) ? File.ReadAllBytes(requestFile) : []);
    }

    /// <summary>Reads every folder under <paramref name="root"/> that holds a meta.json, in ordinal order of their names.</summary>
    /// <param name="root">The folder of the providers' folders.</param>
    /// <param name="provider">Only this provider's folder; null = all.</param>
    /// <returns>The exchanges; empty if there is none.</returns>
    public static IReadOnlyList<RecordedExchange> LoadAll(string root, string? provider = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        string start = provider is null ? root : Path.Combine(root, provider);
        return
        [
            .. Directory.EnumerateFiles(start, MetaFile, SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(meta => Load(Path.GetDirectoryName(meta)!)),
        ];
    }

    /// <summary>Reads expected.json, what a client should make of the reply; null if there is none.</summary>
    /// <returns>The root of its JSON, or <see langword="null"/>.</returns>
    public JsonElement? ReadExpected()
    {
        string file = Path.Combine(Folder, "expected.json");
        return File.Exists(file) ? ReadJson(file) : null;
    }

    /// <summary>Its <see cref="Name"/>.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;

    internal ReplySettings ToSettings() => new()
    {
        Kind = ReplyKind.Raw,
        StatusCode = StatusCode,
        ContentType = Headers.GetValueOrDefault("content-type"),
        RawBody = _body,
        Headers = [.. Headers.Where(header => !TransportHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase))],
        SplitOffsets = ChunkOffsets(),
    };

    // The last chunk's end is the body's, so one chunk has no offset and the body's own events stay its writes.
    private List<int> ChunkOffsets()
    {
        int offset = 0;
        return [.. ChunkSizes.SkipLast(1).Select(size => offset += size)];
    }

    private static byte[] FrameChunks(byte[] lines, bool endsWithDone)
    {
        var framed = new MemoryStream();
        foreach (Range range in lines.AsSpan().Split((byte)'\n'))
        {
            Span<byte> line = lines.AsSpan(range).TrimEnd((byte)'\r');
            if (!line.IsEmpty) framed.Write(SseFraming.Event(line));
        }

        if (endsWithDone) framed.Write(SseFraming.Event("[DONE]"u8));
        return framed.ToArray();
    }

    private static Dictionary<string, string> ReadHeaders(JsonElement meta)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (meta.Member("headers") is { ValueKind: JsonValueKind.Object } recorded)
        {
            foreach (JsonProperty header in recorded.EnumerateObject())
            {
                headers[header.Name] = header.Value.Text() ?? header.Value.GetRawText();
            }
        }

        return headers;
    }

    private static string Required(JsonElement meta, string name) =>
        meta.Member(name)?.Text() ?? throw new InvalidDataException($"{MetaFile} lacks \"{name}\".");

    private static JsonElement ReadJson(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }
}
