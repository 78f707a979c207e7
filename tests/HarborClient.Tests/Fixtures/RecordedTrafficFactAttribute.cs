namespace HarborClient.Tests.Fixtures;

// A fact that needs the recorded traffic, and is skipped where that is missing.
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RecordedTrafficFactAttribute : FactAttribute
{
    public RecordedTrafficFactAttribute()
    {
        if (RecordedTraffic.Folder is null) Skip = RecordedTraffic.Missing;
    }
}
