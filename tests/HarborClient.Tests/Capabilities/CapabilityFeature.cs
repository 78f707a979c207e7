using System.Text.Json;
using System.Text.Json.Nodes;

namespace HarborClient.Tests.Capabilities;

// One thing that a caller can ask of a model: a row of the capability table. It changes a plain question into one that asks for it.
internal sealed record CapabilityFeature(string Group, string Name, Action<List<ChatMessage>, ChatOptions> Apply)
{
    private static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static readonly AIFunction Weather = AIFunctionFactory.Create((string city) => "rain", "get_weather", "Says how the weather is.");

    public static IReadOnlyList<CapabilityFeature> All { get; } =
    [
        Message("text", _ => { }),
        Content("image, data", () => new DataContent(Png, "image/png")),
        Content("image, address", () => new UriContent("https://example.invalid/a.png", "image/png")),
        Content("image, provider's file id", () => new HostedFileContent("file_1") { MediaType = "image/png" }),
        Content("PDF, data", () => new DataContent("%PDF-1.4"u8.ToArray(), "application/pdf") { Name = "a.pdf" }),
        Content("PDF, address", () => new UriContent("https://example.invalid/a.pdf", "application/pdf")),
        Content("audio (wav), data", () => new DataContent(new byte[44], "audio/wav")),
        Content("video, address", () => new UriContent("https://example.invalid/a.mp4", "video/mp4")),
        Content("plain text file, data", () => new DataContent("text"u8.ToArray(), "text/plain") { Name = "a.txt" }),
        Content("content that nobody knows", () => new UnknownContent()),
        Message("system message", messages => messages.Insert(0, new ChatMessage(ChatRole.System, "Be brief."))),
        Message("author's name", messages => messages[^1].AuthorName = "ann"),
        Message("earlier answer", messages => messages.InsertRange(0, Earlier())),
        Message("earlier answer's reasoning", messages => messages.InsertRange(0, Earlier(new TextReasoningContent("thought")))) with { Baseline = (messages, _) => messages.InsertRange(0, Earlier()) },
        Message("tool call and result", messages => messages.InsertRange(0, Called("sunny"))),
        Message("tool result that failed", messages => messages.InsertRange(0, Called(null, new InvalidOperationException("no weather")))),

        Option("Instructions", options => options.Instructions = "Be brief."),
        Option("Temperature", options => options.Temperature = 0.5f),
        Option("TopP", options => options.TopP = 0.5f),
        Option("TopK", options => options.TopK = 5),
        Option("FrequencyPenalty", options => options.FrequencyPenalty = 0.5f),
        Option("PresencePenalty", options => options.PresencePenalty = 0.5f),
        Option("Seed", options => options.Seed = 7),
        Option("MaxOutputTokens", options => options.MaxOutputTokens = 2_000),
        Option("StopSequences, one", options => options.StopSequences = ["END"]),
        Option("StopSequences, several", options => options.StopSequences = ["END", "STOP"]),
        Option("ConversationId", options => options.ConversationId = "resp_1"),
        Option("Reasoning.Effort None", options => options.Reasoning = new() { Effort = ReasoningEffort.None }),
        Option("Reasoning.Effort High", options => options.Reasoning = new() { Effort = ReasoningEffort.High }),
        Option("Reasoning.Output Summary", options => options.Reasoning = new() { Effort = ReasoningEffort.High, Output = ReasoningOutput.Summary }, options => options.Reasoning = new() { Effort = ReasoningEffort.High }),
        Option("ResponseFormat Json", options => options.ResponseFormat = ChatResponseFormat.Json),
        Option("ResponseFormat JSON schema", options => options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema(), "answer")),
        Option("AdditionalProperties", options => options.AdditionalProperties = new() { ["x_custom"] = 1 }),
        Option("RawRepresentationFactory", options => options.RawRepresentationFactory = _ => new JsonObject { ["x_custom"] = 1 }),

        Tool("functions", options => options.Tools = [Weather], _ => { }),
        Tool("ToolMode None", options => options.ToolMode = ChatToolMode.None),
        Tool("ToolMode RequireAny", options => options.ToolMode = ChatToolMode.RequireAny),
        Tool("ToolMode RequireSpecific", options => options.ToolMode = ChatToolMode.RequireSpecific("get_weather")),
        Tool("AllowMultipleToolCalls false", options => options.AllowMultipleToolCalls = false),
        Hosted("HostedWebSearchTool", options => options.Tools = [new HostedWebSearchTool()]),
        Hosted("HostedCodeInterpreterTool", options => options.Tools = [new HostedCodeInterpreterTool()]),
        Hosted("HostedFileSearchTool", options => options.Tools = [new HostedFileSearchTool { Inputs = [new HostedVectorStoreContent("vs_1")] }]),
        Hosted("HostedMcpServerTool", options => options.Tools = [new HostedMcpServerTool("mcp", new Uri("https://example.invalid/mcp"))]),
    ];

    // What the changed question is compared with: the same without the feature.
    public Action<List<ChatMessage>, ChatOptions> Baseline { get; init; } = (_, _) => { };

    private static CapabilityFeature Message(string name, Action<List<ChatMessage>> change) => new("messages", name, (messages, _) => change(messages));

    private static CapabilityFeature Content(string name, Func<AIContent> create) => Message(name, messages => messages[^1].Contents.Add(create()));

    private static CapabilityFeature Option(string name, Action<ChatOptions> change, Action<ChatOptions>? baseline = null) =>
        new("options", name, (_, options) => change(options)) { Baseline = (_, options) => baseline?.Invoke(options) };

    private static CapabilityFeature Hosted(string name, Action<ChatOptions> change) => new("tools", name, (_, options) => change(options));

    private static CapabilityFeature Tool(string name, Action<ChatOptions> change, Action<ChatOptions>? baseline = null) => new("tools", name, (_, options) =>
    {
        options.Tools = [Weather];
        change(options);
    })
    {
        Baseline = (_, options) => (baseline ?? (plain => plain.Tools = [Weather]))(options),
    };

    private static ChatMessage[] Earlier(params AIContent[] before) => [new(ChatRole.User, "first"), new(ChatRole.Assistant, [.. before, new TextContent("answer")])];

    private static ChatMessage[] Called(object? result, Exception? error = null) =>
    [
        new(ChatRole.User, "weather?"),
        new(ChatRole.Assistant, [new FunctionCallContent("call_1", "get_weather", new Dictionary<string, object?> { ["city"] = "Oslo" })]),
        new(ChatRole.Tool, [new FunctionResultContent("call_1", result) { Exception = error }]),
    ];

    private static JsonElement Schema()
    {
        using JsonDocument schema = JsonDocument.Parse("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}""");
        return schema.RootElement.Clone();
    }

    private sealed class UnknownContent : AIContent;
}
