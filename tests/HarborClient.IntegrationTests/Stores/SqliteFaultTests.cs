using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace HarborClient.IntegrationTests.Stores;

// Each call ends, well or with an exception, and the level works again as soon as the disk does.
public sealed class SqliteFaultTests : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly SqliteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task While_another_process_writes_for_long_writes_fail_and_hits_go_on()
    {
        await using SqliteCacheLevel level = _store.Level();
        await level.SetAsync("k", _store.Item([1]), default);
        using SqliteConnection other = _store.Connect();
        SqliteStore.Ask(other, "BEGIN IMMEDIATE");

        Task write = level.SetAsync("k", _store.Item([2]), default).AsTask();
        write.IsCompleted.Should().BeFalse("its caller is not held up");
        (await level.GetAsync("k", default).AsTask().WaitAsync(Guard))!.Payload.ToArray().Should().Equal(1);
        (await FluentActions.Awaiting(() => write.WaitAsync(Guard)).Should().ThrowAsync<SqliteException>()).Which.SqliteErrorCode.Should().Be(5);

        SqliteStore.Ask(other, "ROLLBACK");
        await level.SetAsync("k", _store.Item([3]), default);
        (await level.GetAsync("k", default))!.Payload.ToArray().Should().Equal(3);
    }

    [Fact]
    public async Task A_file_that_another_process_has_for_itself_fails_and_comes_back()
    {
        await using SqliteCacheLevel level = _store.Level();
        await level.SetAsync("k", _store.Item([1]), default);
        await level.DisposeAsync();
        await using SqliteCacheLevel next = _store.Level();
        using (SqliteConnection other = _store.Connect())
        {
            SqliteStore.Ask(other, "PRAGMA locking_mode = EXCLUSIVE");
            SqliteStore.Ask(other, "BEGIN EXCLUSIVE");

            await FluentActions.Awaiting(() => next.GetAsync("k", default).AsTask().WaitAsync(Guard)).Should().ThrowAsync<SqliteException>();
        }

        (await next.GetAsync("k", default))!.Payload.ToArray().Should().Equal(1);
        _store.Logs.Lines.Should().BeEmpty();
    }

    [Fact]
    public async Task A_folder_that_is_missing_is_made()
    {
        using var store = new SqliteStore { Path = Path.Combine(_store.Folder, "a", "b", "cache.db") };
        await using SqliteCacheLevel level = store.Level();

        await level.SetAsync("k", store.Item([1]), default);

        (await level.GetAsync("k", default)).Should().NotBeNull();
        File.Exists(store.Path).Should().BeTrue();
    }

    [Fact]
    public async Task A_place_where_nothing_can_be_written_fails_until_it_can()
    {
        string place = Path.Combine(_store.Folder, "place");
        await File.WriteAllTextAsync(place, "a file where a folder is needed");
        using var store = new SqliteStore { Path = Path.Combine(place, "cache.db") };
        await using SqliteCacheLevel level = store.Level();

        await FluentActions.Awaiting(() => level.SetAsync("k", store.Item([1]), default).AsTask()).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => level.GetAsync("k", default).AsTask()).Should().ThrowAsync<IOException>();

        File.Delete(place);
        await level.SetAsync("k", store.Item([1]), default);
        (await level.GetAsync("k", default)).Should().NotBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task A_damaged_file_is_renamed_once_and_a_new_one_begun(int from)
    {
        await using (SqliteCacheLevel level = _store.Level())
        {
            for (int i = 0; i < 300; i++) await level.SetAsync($"k{i}", _store.Item(SqliteStore.Bytes(2_000, i)), default);
        }

        await using (FileStream file = File.OpenWrite(_store.Path))
        {
            file.Position = from;
            await file.WriteAsync(SqliteStore.Bytes((int)file.Length - from, 7));
        }

        await using SqliteCacheLevel next = _store.Level();
        Task<CacheItem?>[] hits = [.. Enumerable.Range(0, 300).Select(i => next.GetAsync($"k{i}", default).AsTask())];
        Task[] writes = [.. Enumerable.Range(0, 300).Select(i => next.SetAsync($"n{i}", _store.Item([1]), default).AsTask())];

        (await Task.WhenAll(hits).WaitAsync(Guard)).Should().OnlyContain(hit => hit == null);
        await Task.WhenAll(writes).WaitAsync(Guard);
        (await next.GetAsync("n299", default)).Should().NotBeNull();
        string aside = _store.SetAside().Should().ContainSingle().Subject;
        _store.Logs.Lines.Should().ContainSingle().Which.Should().Contain(_store.Path).And.Contain(aside);
        _store.Ask("PRAGMA integrity_check").Should().Be("ok");
    }

    [Fact]
    public async Task What_is_no_database_is_renamed_and_not_lost()
    {
        await File.WriteAllTextAsync(_store.Path, "Dear diary, today I kept answers. " + new string('x', 5_000));
        await using SqliteCacheLevel level = _store.Level();

        (await level.GetAsync("k", default)).Should().BeNull();
        await level.SetAsync("k", _store.Item([1]), default);

        (await level.GetAsync("k", default)).Should().NotBeNull();
        (await File.ReadAllTextAsync(_store.SetAside().Should().ContainSingle().Subject)).Should().StartWith("Dear diary");
        _store.Logs.Lines.Should().ContainSingle();
    }

    [Theory]
    [InlineData("UPDATE entries SET payload = zeroblob(length(payload))")]
    [InlineData("UPDATE entries SET payload = substr(payload, 1, 5)")]
    [InlineData("UPDATE entries SET expires = expires + 1")]
    [InlineData("UPDATE entries SET tags = NULL")]
    [InlineData("UPDATE entries SET key = 'other'")]
    public async Task A_row_that_is_not_what_was_written_is_a_miss(string alter)
    {
        await using SqliteCacheLevel level = _store.Level();
        await level.SetAsync("k", _store.Item(SqliteStore.Bytes(100, 1), null, "tag"), default);

        _store.Ask(alter);

        (await level.GetAsync("k", default)).Should().BeNull();
        (await level.GetAsync("other", default)).Should().BeNull();
        await level.SetAsync("k", _store.Item([2]), default);
        (await level.GetAsync("k", default)).Should().NotBeNull();
    }

    [Theory]
    [InlineData("PRAGMA user_version = 2", "version 2")]
    [InlineData("PRAGMA application_id = 7", "another program")]
    [InlineData("PRAGMA application_id = 0", "another program")]
    public async Task A_file_of_a_newer_version_or_another_program_is_left_alone(string becomes, string said)
    {
        await using (SqliteCacheLevel level = _store.Level()) await level.SetAsync("k", _store.Item([1]), default);
        _store.Ask(becomes);
        byte[] before = await File.ReadAllBytesAsync(_store.Path);
        await using SqliteCacheLevel next = _store.Level();

        var read = await FluentActions.Awaiting(() => next.GetAsync("k", default).AsTask()).Should().ThrowAsync<HarborException>();
        await FluentActions.Awaiting(() => next.SetAsync("k", _store.Item([2]), default).AsTask()).Should().ThrowAsync<HarborException>();

        read.Which.Kind.Should().Be(ErrorKind.Configuration);
        read.Which.Message.Should().Contain(_store.Path).And.Contain(said);
        (await File.ReadAllBytesAsync(_store.Path)).Should().Equal(before);
        File.Delete(_store.Path);
        await next.SetAsync("k", _store.Item([2]), default);
        (await next.GetAsync("k", default)).Should().NotBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_deleted_while_it_is_open_is_begun_anew(bool isReadFirst)
    {
        await using SqliteCacheLevel level = _store.Level();
        await level.SetAsync("k", _store.Item([1]), default);
        (await level.GetAsync("k", default)).Should().NotBeNull();
        File.Delete(_store.Path);

        if (isReadFirst) (await level.GetAsync("k", default)).Should().BeNull();
        await level.SetAsync("n", _store.Item([2]), default);

        (await level.GetAsync("k", default)).Should().BeNull();
        (await level.GetAsync("n", default)).Should().NotBeNull();
        _store.Ask("SELECT count(*) FROM entries").Should().Be(1L);
        _store.Ask("PRAGMA integrity_check").Should().Be("ok");
    }

    [Fact]
    public async Task The_log_of_a_file_that_is_gone_is_not_the_next_ones()
    {
        await using (SqliteCacheLevel level = _store.Level())
        {
            await level.SetAsync("k", _store.Item([1]), default);
            File.Copy(_store.Path + "-wal", _store.Path + "-kept");
        }

        File.Delete(_store.Path);
        File.Move(_store.Path + "-kept", _store.Path + "-wal");
        await using SqliteCacheLevel next = _store.Level();

        (await next.GetAsync("k", default)).Should().BeNull();
        await next.SetAsync("k", _store.Item([2]), default);
        (await next.GetAsync("k", default))!.Payload.ToArray().Should().Equal(2);
    }

    [MountFact]
    public async Task A_full_disk_fails_writes_serves_hits_and_comes_back()
    {
        using Process process = SqliteOnOwnMount.StartOnSmallDisk(_store.Folder);

        string said = await process.StandardOutput.ReadToEndAsync().WaitAsync(Guard);

        said.Trim().Split('\n').Should().Equal("full: SQLite 13", "hits: all", "well: all");
    }

    [MountFact]
    public async Task A_disk_that_may_only_be_read_fails_and_comes_back()
    {
        await using (SqliteCacheLevel level = _store.Level()) await level.SetAsync("k", _store.Item([1], TimeSpan.FromDays(36_500)), default);
        using Process process = SqliteOnOwnMount.StartReadOnly(_store.Folder);

        string said = await process.StandardOutput.ReadToEndAsync().WaitAsync(Guard);

        said.Trim().Split('\n').Should().HaveCount(3).And.EndWith("well: all").And.OnlyContain(line => line.Contains("SQLite", StringComparison.Ordinal) || line == "well: all");
    }
}
