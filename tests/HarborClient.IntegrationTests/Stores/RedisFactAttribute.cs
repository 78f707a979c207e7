namespace HarborClient.IntegrationTests.Stores;

/// <summary>A test that needs <c>redis-server</c>; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute()
    {
        if (RedisServer.Binary is null) Skip = "redis-server is not on the PATH; ./test.sh installs it on Debian.";
    }
}
