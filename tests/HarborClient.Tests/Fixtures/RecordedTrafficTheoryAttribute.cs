namespace HarborClient.Tests.Fixtures;

// A theory over the recorded traffic, which is skipped as one where that is missing.
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RecordedTrafficTheoryAttribute : TheoryAttribute
{
    public RecordedTrafficTheoryAttribute()
    {
        if (RecordedTraffic.Folder is null) Skip = RecordedTraffic.Missing;
    }
}
