using System.Text.Json;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline;

/// <summary>Turns a whole answer into what is kept of it, and back.</summary>
internal static class AnswerKeeper
{
    /// <summary>What is kept of a call's answer; null where it is none to keep: cut short, filtered, refused, calling tools where these are not kept, or with content that has no stored form.</summary>
    internal static StoredAnswer? Keep(Call call, bool keepsToolCalls)
    {
        AnswerFold fold = call.Fold;
        ChatFinishReason? finish = FinishReasons.Of(fold.FinishReason, fold.ToolCalls.Count > 0);
        if (finish != ChatFinishReason.Stop && !(keepsToolCalls && finish == ChatFinishReason.ToolCalls)) return null;
        if (PropertiesOf(fold.Identity) is not { } properties) return null;
        var runs = new StoredRun[fold.RunCount];
        for (int i = 0; i < runs.Length; i++)
        {
            if (RunOf(fold, fold.Run(i), isShown: !call.IsStreaming) is not { } run) return null;
            runs[i] = run;
        }

        Target target = call.AnsweringTarget;
        return new StoredAnswer
        {
            Provider = target.Provider,
            TargetModel = target.Model,
            Model = fold.Identity?.Model,
            CreatedAt = fold.Identity?.CreatedAt,
            FinishReason = fold.FinishReason,
            Usage = fold.Usage,
            Properties = properties,
            Runs = runs,
        };
    }

    /// <summary>Fills a response with a kept answer: ids of its own, and no usage, for nothing was used.</summary>
    internal static TResponse Fill<TResponse>(TResponse response, Call call, CacheHit hit, string messageId) where TResponse : ChatResponse
    {
        StoredAnswer answer = hit.Answer;
        var contents = new List<AIContent>(answer.Runs.Length);
        foreach (StoredRun run in answer.Runs) contents.Add(ContentOf(run));
        response.Messages = [new ChatMessage(ChatRole.Assistant, contents) { MessageId = messageId, AdditionalProperties = ReasoningOrigin.PropertiesOf(call, hit) }];
        response.ResponseId = messageId;
        response.ModelId = answer.Model ?? answer.TargetModel;
        response.CreatedAt = answer.CreatedAt;
        if (answer.Properties.Count > 0) response.AdditionalProperties = new AdditionalPropertiesDictionary(IdentityPropertiesOf(answer));
        response.FinishReason = FinishReasons.Of(answer.FinishReason, answer.CallsTools);
        response.Usage = CacheHit.Nothing();
        return response;
    }

    /// <summary>What the provider said of the answer as a whole, without its ids.</summary>
    internal static AnswerIdentity IdentityOf(StoredAnswer answer) => new(null, answer.Model ?? answer.TargetModel, answer.CreatedAt) { Properties = IdentityPropertiesOf(answer) };

    private static KeyValuePair<string, object?>[] IdentityPropertiesOf(StoredAnswer answer) => answer.Properties.Count == 0 ? [] : [.. answer.Properties.Select(property => KeyValuePair.Create(property.Key, (object?)property.Value))];

    /// <summary>Texts only: log probabilities and the like are about one answer's making, and whoever asks for them wants it made.</summary>
    private static KeyValuePair<string, string>[]? PropertiesOf(AnswerIdentity? identity)
    {
        if (identity is null || identity.Properties.Count == 0) return [];
        var kept = new KeyValuePair<string, string>[identity.Properties.Count];
        for (int i = 0; i < kept.Length; i++)
        {
            if (identity.Properties[i].Value is not string text) return null;
            kept[i] = KeyValuePair.Create(identity.Properties[i].Key, text);
        }

        return kept;
    }

    /// <summary>The value that goes with a run's last update, in the form that the fold and the edges know.</summary>
    internal static object? ValueOf(StoredRun run) => run.Value is StoredAnnotation[] annotations ? AnnotationsOf(annotations) : run.Value;

    /// <summary>What a plain call shows is made here and kept by both.</summary>
    private static StoredRun? RunOf(AnswerFold fold, AnswerRun run, bool isShown) => (run.Kind, run.Value) switch
    {
        (HarborUpdateKind.Text, null) when isShown => new StoredRun(run.Kind, fold.TextOf(run), null),
        (HarborUpdateKind.Text, null) => new StoredRun(run.Kind, fold.BytesOf(run).ToArray(), null),
        (HarborUpdateKind.Text, IList<AIAnnotation> annotations) => Annotated(fold, run, annotations),
        (HarborUpdateKind.Reasoning, null or string) => new StoredRun(run.Kind, fold.BytesOf(run).ToArray(), run.Value),
        (HarborUpdateKind.ToolCall, ToolCallFold { Head.Properties: null } call) => new StoredRun(run.Kind, call.Arguments.Span.ToArray(), call.Head),
        _ => null,
    };

    private static StoredRun? Annotated(AnswerFold fold, AnswerRun run, IList<AIAnnotation> annotations)
    {
        var kept = new StoredAnnotation[annotations.Count];
        for (int i = 0; i < kept.Length; i++)
        {
            if (annotations[i] is not CitationAnnotation { AdditionalProperties: null } citation || !TryRegions(citation, out int[] regions)) return null;
            kept[i] = new StoredAnnotation(citation.Title, citation.Url?.OriginalString, citation.FileId, citation.ToolName, citation.Snippet, regions);
        }

        return new StoredRun(run.Kind, fold.BytesOf(run).ToArray(), kept);
    }

    private static bool TryRegions(CitationAnnotation citation, out int[] regions)
    {
        IList<AnnotatedRegion>? given = citation.AnnotatedRegions;
        regions = new int[2 * (given?.Count ?? 0)];
        for (int i = 0; i < given?.Count; i++)
        {
            if (given[i] is not TextSpanAnnotatedRegion span) return false;
            (regions[2 * i], regions[(2 * i) + 1]) = (span.StartIndex ?? -1, span.EndIndex ?? -1);
        }

        return true;
    }

    private static AIContent ContentOf(StoredRun run) => run.Kind switch
    {
        HarborUpdateKind.Text => AnswerBuilder.TextOf(run.Text, ValueOf(run)),
        HarborUpdateKind.Reasoning => AnswerBuilder.ReasoningOf(run.Text, run.Value),
        _ => AnswerBuilder.ToolCallOf((ToolCallHead)run.Value!, run.Text, isPartial: false),
    };

    private static List<AIAnnotation> AnnotationsOf(StoredAnnotation[] kept)
    {
        var annotations = new List<AIAnnotation>(kept.Length);
        foreach (StoredAnnotation one in kept)
        {
            annotations.Add(new CitationAnnotation
            {
                Title = one.Title,
                Url = one.Url is { } url && Uri.TryCreate(url, UriKind.RelativeOrAbsolute, out Uri? address) ? address : null,
                FileId = one.FileId,
                ToolName = one.ToolName,
                Snippet = one.Snippet,
                AnnotatedRegions = RegionsOf(one.Regions),
            });
        }

        return annotations;
    }

    private static List<AnnotatedRegion>? RegionsOf(int[] kept)
    {
        if (kept.Length == 0) return null;
        var regions = new List<AnnotatedRegion>(kept.Length / 2);
        for (int i = 0; i + 1 < kept.Length; i += 2) regions.Add(new TextSpanAnnotatedRegion { StartIndex = kept[i] < 0 ? null : kept[i], EndIndex = kept[i + 1] < 0 ? null : kept[i + 1] });
        return regions;
    }
}
