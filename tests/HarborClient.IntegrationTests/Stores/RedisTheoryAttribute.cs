namespace HarborClient.IntegrationTests.Stores;

/// <summary>Tests that need <c>redis-server</c>; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute()
    {
        if (RedisServer.Binary is null) Skip = "redis-server is not on the PATH; ./test.sh installs it on Debian.";
    }
}
