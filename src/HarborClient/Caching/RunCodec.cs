namespace HarborClient.Caching;

/// <summary>The pieces of an answer as fields. A part of <see cref="AnswerCodec"/>'s format.</summary>
internal static class RunCodec
{
    /// <summary>Its kind, the length of its text, and whether there is something beside it.</summary>
    internal const int LeastBytes = 3;

    /// <summary>Whether there are citations, five absent texts, and no region.</summary>
    private const int LeastBytesOfAnnotation = 6;

    // On the wire; HarborUpdateKind may be numbered anew.
    private const byte Text = 0;
    private const byte Reasoning = 1;
    private const byte ToolCall = 2;

    internal static bool CanWrite(StoredRun run) => run.Kind switch
    {
        HarborUpdateKind.Text => run.Value is null or StoredAnnotation[],
        HarborUpdateKind.Reasoning => run.Value is null or string,
        HarborUpdateKind.ToolCall => run.Value is ToolCallHead head && PropertyCodec.CanWrite(head.Properties),
        _ => false,
    };

    internal static void Write(StoredRun run, FieldWriter writer)
    {
        writer.Byte(run.Kind switch { HarborUpdateKind.Text => Text, HarborUpdateKind.Reasoning => Reasoning, _ => ToolCall });
        writer.Bytes(run.Utf8.Span);
        if (run.Kind == HarborUpdateKind.ToolCall) WriteHead((ToolCallHead)run.Value!, writer);
        else if (run.Kind == HarborUpdateKind.Reasoning) writer.OptionalText((string?)run.Value);
        else WriteAnnotations((StoredAnnotation[]?)run.Value, writer);
    }

    internal static StoredRun Read(ref FieldReader reader)
    {
        byte kind = reader.Byte();
        byte[] utf8 = reader.Utf8Text().ToArray();
        switch (kind)
        {
            case Text:
                return new StoredRun(HarborUpdateKind.Text, utf8, ReadAnnotations(ref reader));
            case Reasoning:
                return new StoredRun(HarborUpdateKind.Reasoning, utf8, reader.OptionalText());
            case ToolCall:
                return new StoredRun(HarborUpdateKind.ToolCall, utf8, ReadHead(ref reader));
            default:
                reader.Fail();
                return new StoredRun(HarborUpdateKind.Text, utf8, null);
        }
    }

    private static void WriteHead(ToolCallHead head, FieldWriter writer)
    {
        writer.Text(head.CallId);
        writer.Text(head.Name);
        PropertyCodec.Write(head.Properties, writer);
    }

    private static ToolCallHead ReadHead(ref FieldReader reader) => new(reader.Text(), reader.Text()) { Properties = PropertyCodec.Read(ref reader) };

    private static void WriteAnnotations(StoredAnnotation[]? annotations, FieldWriter writer)
    {
        writer.Flag(annotations is not null);
        if (annotations is null) return;
        writer.Count(annotations.Length);
        foreach (StoredAnnotation annotation in annotations)
        {
            writer.OptionalText(annotation.Title);
            writer.OptionalText(annotation.Url);
            writer.OptionalText(annotation.FileId);
            writer.OptionalText(annotation.ToolName);
            writer.OptionalText(annotation.Snippet);
            writer.Count(annotation.Regions.Length);
            foreach (int place in annotation.Regions) writer.Number(place);
        }
    }

    private static StoredAnnotation[]? ReadAnnotations(ref FieldReader reader)
    {
        if (!reader.Flag()) return null;
        var annotations = new StoredAnnotation[reader.Count(LeastBytesOfAnnotation)];
        for (int i = 0; i < annotations.Length; i++)
            annotations[i] = new StoredAnnotation(reader.OptionalText(), reader.OptionalText(), reader.OptionalText(), reader.OptionalText(), reader.OptionalText(), ReadRegions(ref reader));
        return annotations;
    }

    private static int[] ReadRegions(ref FieldReader reader)
    {
        var places = new int[reader.Count(leastBytesEach: 1)];
        if (places.Length % 2 != 0) reader.Fail();
        for (int i = 0; i < places.Length; i++)
        {
            long place = reader.Number();
            if (place is < -1 or > int.MaxValue) reader.Fail();
            else places[i] = (int)place;
        }

        return places;
    }
}
