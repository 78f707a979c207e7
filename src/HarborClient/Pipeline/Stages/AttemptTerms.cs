using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>The terms under which an attempt is paid for, beside its tokens: the service tier and the region, as its provider says, or as its request asks.</summary>
internal static class AttemptTerms
{
    /// <summary>Claude's own name for what others call a tier.</summary>
    private const string Fast = "fast";

    private static readonly string[] Tiers = ["service_tier", "serviceTier"];
    private static readonly string[] Regions = ["inference_geo"];
    private static readonly string[] Speeds = ["speed"];

    /// <summary>The service tier in which the attempt was worked on; where nothing came that would say it, the one that was asked for.</summary>
    internal static string? TierOf(Call attempt)
    {
        if (Said(attempt, Speeds) == Fast) return Fast;
        return Said(attempt, Tiers) ?? (attempt.Usage is null ? AskedTierOf(attempt) : null);
    }

    /// <summary>The service tier that the request asks for.</summary>
    internal static string? AskedTierOf(Call attempt) => Asked(attempt, Speeds) == Fast ? Fast : Asked(attempt, Tiers);

    /// <summary>Where the attempt was worked on, as far as it changes a price.</summary>
    internal static string? RegionOf(Call attempt) => Said(attempt, Regions) ?? (attempt.Usage is null ? Asked(attempt, Regions) : null) ?? HostRegionOf(attempt.Target!);

    /// <summary>Where it may be worked on: at Claude, where a request says nothing, its workspace decides, so the dearest counts.</summary>
    internal static string? AskedRegionOf(Call attempt) => attempt.Target!.System == "anthropic" ? Asked(attempt, Regions) ?? "us" : HostRegionOf(attempt.Target);

    /// <summary>OpenAI's hosts for data that has to stay in a region: <c>eu.api.openai.com</c>.</summary>
    private static string? HostRegionOf(Target target) => target.System != "openai" ? null : target.Endpoint.Host switch
    {
        "us.api.openai.com" => "us",
        "eu.api.openai.com" => "eu",
        _ => null,
    };

    private static string? Said(Call attempt, string[] names)
    {
        if (attempt.Fold.Identity is not { Properties: { Count: > 0 } properties }) return null;
        for (int i = 0; i < properties.Count; i++)
        {
            if (Array.IndexOf(names, properties[i].Key) >= 0) return properties[i].Value as string;
        }

        return null;
    }

    private static string? Asked(Call attempt, string[] names)
    {
        if (attempt.Options?.AdditionalProperties is not { } asked) return null;
        foreach (string name in names)
        {
            switch (asked.GetValueOrDefault(name))
            {
                case string text: return text;
                case JsonElement { ValueKind: JsonValueKind.String } element: return element.GetString();
            }
        }

        return null;
    }
}
