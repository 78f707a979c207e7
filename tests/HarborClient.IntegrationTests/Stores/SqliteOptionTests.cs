namespace HarborClient.IntegrationTests.Stores;

public sealed class SqliteOptionTests : IDisposable
{
    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task The_time_to_live_is_a_day_or_what_is_set()
    {
        await using SqliteCacheLevel usual = _store.Level();
        await using SqliteCacheLevel own = _store.Level(new SqliteCacheOptions { Ttl = TimeSpan.FromDays(30) });

        usual.Ttl.Should().Be(TimeSpan.FromHours(24));
        own.Ttl.Should().Be(TimeSpan.FromDays(30));
        new SqliteCacheOptions().SizeLimitBytes.Should().Be(1L << 30);
    }

    [Theory]
    [InlineData((1L << 20) - 1)]
    [InlineData((1L << 40) + 1)]
    public void A_size_out_of_its_bounds_is_said_where_it_is_set(long bytes) =>
        Build(o => o.SizeLimitBytes = bytes).Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration && e.Message.Contains("SqliteCache.SizeLimitBytes must be 1,048,576 to"));

    [Theory]
    [InlineData(0.999)]
    [InlineData(31_536_000.001)]
    public void A_time_to_live_out_of_its_bounds_is_said_where_it_is_set(double seconds) =>
        Build(o => o.Ttl = TimeSpan.FromSeconds(seconds)).Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration && e.Message.Contains("SqliteCache.Ttl must be 00:00:01 to 365.00:00:00"));

    [Fact]
    public void A_folder_is_no_file()
    {
        var create = () => new SqliteCacheLevel(_store.Folder);

        create.Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration && e.Message.Contains(_store.Folder));
    }

    [Fact]
    public async Task A_client_is_built_without_touching_the_file()
    {
        await using (FastClient client = Client(_store.Path, null))
        {
            File.Exists(_store.Path).Should().BeFalse();
        }
    }

    private Action Build(Action<SqliteCacheOptions> configure) => () => Client(_store.Path, configure).Dispose();

    private static FastClient Client(string path, Action<SqliteCacheOptions>? configure) => FastClient.Create(h => h.AddOpenAI("key-7Qm2xWv9").UseSqliteCache(path, configure));
}
