using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace HarborClient.Tests.Architecture;

// Which room of the library may use which. A room is a folder of src/HarborClient; "" is the folder itself, the public face.
public sealed partial class LayeringTests
{
    private const string Face = "";

    private static readonly AssemblyMap Map = AssemblyMap.Read(typeof(FastClient).Assembly.Location, "src/HarborClient/");

    // One folder a provider; the base of the OpenAI family is none.
    private static readonly string[] ProviderRooms =
        [.. Map.Types.Values.Select(type => type.Room).Where(room => room.StartsWith("Providers/", StringComparison.Ordinal) && room is not ("Providers/OpenAICompatible" or "Providers/OpenAIResponses")).Distinct().Order()];

    // A room may use itself and what its row names: a room, "Room public" for its public types only, or "Room:Type" for one type.
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        // The bottom: used by everything, uses nothing.
        ["Pools"] = [],
        ["Telemetry"] = ["Errors:ErrorKind", "Costs:CostAlertKind", "Costs:BudgetOutagePolicy"],
        ["Caching"] = ["Pipeline:HarborUpdateKind", "Pipeline:ToolCallHead", "Costs public", "Errors", "Options", "Telemetry"],
        ["Errors"] = ["Options:HarborClock", "Routing:HarborDecision", "Costs public"],

        // Prices, sums and limits of money: numbers and names, no call, no stage, no provider.
        ["Costs"] = ["Errors", "Telemetry:Log", "Telemetry:HarborMeter"],
        ["Options"] = ["Errors", "Secrets public"],

        // Where keys are kept, without knowing whose they are.
        ["Secrets"] = ["Errors"],

        // Bytes, without knowing whose.
        ["Transport"] = ["Errors", "Pools", "Options"],

        // Dialects. They know a call and its updates, no stage, no routing, no edge. One provider does not know another, except the base of the OpenAI family.
        ["Providers"] = ["Transport", "Secrets public", "Pipeline public", "Routing:Target", "Pipeline:CallRequest", "Pipeline:CallServices", "Pipeline:HarborProperties", "Pipeline:ReasoningOrigin", "Limits:RejectClass", "Limits:RateFact", "Limits:RateLimitFacts", "Pipeline:ServiceInput", "Pipeline:ServiceKind", "Pipeline:JobAnswer", "Errors", "Pools", "Options", "Telemetry:Log"],
        ["Providers/*"] = ["Providers", "Secrets public", "Providers/OpenAICompatible", "Providers/OpenAIResponses", "Transport", "Pipeline public", "Routing:Target", "Pipeline:CallRequest", "Pipeline:CallServices", "Pipeline:HarborProperties", "Pipeline:ReasoningOrigin", "Limits:RejectClass", "Limits:RateFact", "Limits:RateLimitFacts", "Pipeline:ServiceInput", "Pipeline:ServiceKind", "Pipeline:JobAnswer", "Errors", "Pools", "Options", "Telemetry:Log"],

        // Names of models: knows no stage, no provider and no transport.
        ["Routing"] = ["Limits", "Errors", "Options", "Costs"],

        // Algorithms of admission: numbers and time, no call, no stage, no provider. An exchange that fails is logged.
        ["Limits"] = ["Errors", "Options", "Telemetry:Log"],

        // What texts cost: knows a call and how its parts become JSON, no stage, no transport.
        ["Tokens"] = ["Pipeline public", "Routing:Target", "Pipeline:CallRequest", "Providers:RequestJson", "Errors", "Options"],

        // The call and its life, without a stage, a provider or a socket.
        ["Pipeline"] = ["Routing", "Caching", "Costs", "Limits", "Errors", "Pools", "Options", "Telemetry:Log"],
        ["Pipeline/Stages"] = ["Pipeline", "Routing", "Caching", "Costs", "Limits", "Tokens", "Errors", "Pools", "Options", "Telemetry"],

        // From updates to what the caller sees: knows no stage and no provider.
        ["Edge"] = ["Pipeline", "Routing public", "Errors", "Options", "Costs", "Caching", "Telemetry:Log", ":HarborCallInfo", ":HarborTextStream"],

        // Above the pipeline: which calls share a request. Knows no stage, and of providers only what they take at once.
        ["Embeddings"] = ["Pipeline", "Costs:Money", "Routing:Target", "Edge", "Tokens:TokenEstimator", "Providers:EmbeddingLimits", "Caching", "Errors", "Options", ":CallFactory", ":HarborCallInfo"],

        // Above the pipeline: they make calls and know no stage and no provider.
        ["Tools"] = [":CallFactory", ":HarborChatUpdateExtensions", ":HarborCallInfo", ":HarborTextStream", "Edge", "Pipeline", "Routing:Target", "Costs", "Errors", "Options", "Pools", "Telemetry"],
        ["Typed"] = [":HarborCallInfo", "Edge", "Costs", "Errors", "Options"],

        // Long jobs, downloads and the caller's own JSON: above the pipeline, told by the face how to ask.
        ["Services"] = ["Pipeline", "Routing:Target", "Providers", "Transport", "Errors", "Pools", "Options"],

        // The top.
        ["DependencyInjection"] = [Face, "Errors", "Options", "Tools public", "Caching public", "Costs public", "Telemetry:Log", .. ProviderRooms.Select(room => room + " public")],
        [Face] = ["Limits", "Tools", "Typed", "Tokens", "Embeddings", "Services", "Edge", "Routing", "Pipeline", "Providers", .. ProviderRooms, "Telemetry", "Caching", "Costs", "Secrets", "Errors", "Pools", "Options"],
    };

    // The types at which two rooms are joined, and what they may use beyond their room.
    private static readonly Dictionary<string, string[]> Joints = new()
    {
        ["PipelineRecipes"] = ["Pipeline/Stages", "Providers:Provider", "Limits:CallerLimits", "Tokens:TokenEstimator"],
        ["CallerLimitStage"] = ["Tokens:TokenEstimator"],
        ["RequestKeys"] = ["Providers"],
        ["RequestBody"] = ["Providers:Provider"],
        ["SendStage"] = ["Providers", "Transport"],
        ["AnswerReader"] = ["Providers", "Transport"],
        ["AnswerResources"] = ["Providers:UpdateBatch", "Transport:HttpExchange"],
        ["AnswerSource"] = ["Providers", "Transport"],
        ["AttemptErrors"] = ["Providers"],
    };

    // Whoever asks in which mode a call is, beyond these, makes a mode more than a list of stages.
    private static readonly string[] FilesThatNameTheMode =
    [
        "FastClient.cs", "FastClientParts.cs", "HarborBuilder.cs", "HarborCallInfo.cs", "Options/HarborChatOptions.cs", "Options/PerformanceMode.cs", "Pipeline/CallSettings.cs",
        "Pipeline/HarborProperties.cs", "Pipeline/PipelineDescription.cs", "Pipeline/PipelineRecipes.cs", "Edge/CallInfo.cs", "DependencyInjection/HarborConfiguration.cs",
    ];

    public static TheoryData<string> Rooms => [.. Map.Types.Values.Select(type => type.Room).Distinct().Order()];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_what_its_row_names(string room)
    {
        string[] row = RowOf(room);

        IEnumerable<string> forbidden =
            from type in Map.Types.Values
            where type.Room == room
            from used in type.Uses.Select(name => Map.Types[name])
            where used.Room != room && !Allows(row, used) && !Allows(Joints.GetValueOrDefault(type.Name, []), used)
            orderby type.Name, used.Name
            select $"{type.Name} uses {used.Name} of {Shown(used.Room)}";

        forbidden.Should().BeEmpty("{0} may use only: {1}", Shown(room), string.Join(", ", row));
    }

    [Fact]
    public void Only_what_writes_or_sends_requests_and_the_list_that_links_the_stages_know_providers_and_transport()
    {
        IEnumerable<string> users = Map.Types.Values
            .Where(type => type.Room is "Pipeline" or "Pipeline/Stages" && type.Uses.Any(name => Map.Types[name].Room is var room && (room == "Transport" || room.StartsWith("Providers", StringComparison.Ordinal))))
            .Select(type => type.Name);

        users.Should().BeEquivalentTo("RequestKeys", "RequestBody", "SendStage", "AnswerReader", "AnswerResources", "AnswerSource", "AttemptErrors", "PipelineRecipes");
    }

    [Fact]
    public void A_type_lies_in_one_room()
    {
        Map.Types.Values.Where(type => type.Rooms.Count != 1).Select(type => type.Name).Should().BeEmpty();
    }

    [Fact]
    public void Public_types_share_one_namespace_and_internal_ones_have_their_rooms()
    {
        IEnumerable<string> misplaced = Map.Types.Values
            .Where(type => type.Namespace != (type.IsPublic || type.Room == Face ? "HarborClient" : "HarborClient." + type.Room.Replace('/', '.')))
            .Select(type => $"{type.Name} of {Shown(type.Room)} is in {type.Namespace}");

        misplaced.Should().BeEmpty();
    }

    [Fact]
    public void The_mode_of_a_call_is_named_only_where_it_is_set_shown_or_turned_into_stages()
    {
        IEnumerable<string> files = Repository.SourceFiles("src/HarborClient")
            .Where(file => File.ReadLines(Path.Combine(Repository.Root, file)).Any(line => ModeOutsideComment().IsMatch(line)))
            .Select(file => file["src/HarborClient/".Length..]);

        files.Should().BeSubsetOf(FilesThatNameTheMode);
    }

    [Fact]
    public void No_package_opens_its_internals_to_another()
    {
        foreach (System.Reflection.Assembly assembly in new[] { typeof(FastClient).Assembly, typeof(Testing.ProviderEmulator).Assembly })
            assembly.GetCustomAttributes(typeof(InternalsVisibleToAttribute), false).Cast<InternalsVisibleToAttribute>().Where(friend => friend.AssemblyName is not ("HarborClient.Tests" or "HarborClient.Benchmarks")).Should().BeEmpty();
    }

    [Fact]
    public void The_emulator_does_not_need_the_library()
    {
        typeof(Testing.ProviderEmulator).Assembly.GetReferencedAssemblies().Select(name => name.Name).Should().NotContain("HarborClient");
    }

    [Fact]
    public void The_map_that_these_tests_read_is_right_about_what_is_known()
    {
        Map.Types["FastClient"].Room.Should().Be(Face);
        Map.Types["ErrorKind"].Room.Should().Be("Errors", "an enum has no code, only a document");
        Map.Types["ICallCompletion"].Room.Should().Be("Pipeline", "an interface has no code, only a document");
        Map.Types["Log"].Room.Should().Be("Telemetry", "its code is generated");
        Map.Types["OpenAIProvider"].Room.Should().Be("Providers/OpenAI");
        Map.Types["SendStage"].Uses.Should().Contain("Provider", "a field").And.Contain("HttpExchange", "a local of an async method").And.Contain("ErrorFactory", "a static call");
        Map.Types["LocalProvider"].Uses.Should().Contain("OpenAICompatibleProvider", "the base type");
        Map.Types["HarborTextStream"].Uses.Should().Contain("Call", "an argument of a generic type");
        Map.Types["DeadlineStage"].Uses.Should().NotContain("Provider");
        Map.Types.Count.Should().BeGreaterThan(90);
    }

    private static string[] RowOf(string room)
    {
        if (Arrows.TryGetValue(room, out string[]? row)) return row;
        if (room.StartsWith("Providers/", StringComparison.Ordinal)) return Arrows["Providers/*"];
        throw new InvalidOperationException($"{Shown(room)} is new: give it a row in Arrows.");
    }

    private static bool Allows(string[] row, MappedType used) =>
        row.Contains(used.Room) || row.Contains($"{used.Room}:{used.Name}") || (used.IsPublic && row.Contains(used.Room + " public"));

    private static string Shown(string room) => room.Length == 0 ? "the public face" : room;

    [GeneratedRegex(@"^(?!\s*//)(?:(?!//).)*\bPerformanceMode\b")]
    private static partial Regex ModeOutsideComment();
}
