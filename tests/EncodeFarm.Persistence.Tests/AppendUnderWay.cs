using System.Globalization;
using Npgsql;

namespace EncodeFarm.Persistence.Tests;

/// <summary>A session of PostgreSQL in the middle of a transaction.</summary>
internal sealed class AppendUnderWay : IAsyncDisposable
{
    private readonly NpgsqlConnection _session;
    private readonly NpgsqlConnection _observer;

    private AppendUnderWay(NpgsqlConnection session, NpgsqlConnection observer)
    {
        _session = session;
        _observer = observer;
    }

    public static Task<AppendUnderWay> BeginAsync(string connectionString, long epoch) =>
        BeginAsync(
            connectionString,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                WITH lease AS (SELECT epoch FROM coordinator WHERE epoch = {epoch} FOR KEY SHARE)
                INSERT INTO events SELECT 'video-1', 1, 0, 'a.v1', '1' FROM lease
                """
            )
        );

    public static async Task<AppendUnderWay> BeginAsync(string connectionString, string sql)
    {
        var session = new NpgsqlConnection($"{connectionString};Pooling=false");
        var observer = new NpgsqlConnection($"{connectionString};Pooling=false");
        await session.OpenAsync();
        await observer.OpenAsync();
        await session.ExecuteAsync("BEGIN", default);
        (await session.ExecuteAsync(sql, default)).ShouldBe(1);
        return new AppendUnderWay(session, observer);
    }

    public Task CommitAsync() => _session.ExecuteAsync("COMMIT", default);

    /// <summary>Returns when another session waits for this one.</summary>
    public Task BlocksAnotherAsync() =>
        UntilAsync(
            $"SELECT count(*) FROM pg_stat_activity WHERE {_session.ProcessID} = ANY(pg_blocking_pids(pid))"
        );

    public Task GrowOlderThanAsync(TimeSpan age) =>
        UntilAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SELECT count(*) FROM pg_stat_activity
                WHERE pid = {_session.ProcessID} AND clock_timestamp() - xact_start > interval '{age.TotalMilliseconds} ms'
                """
            )
        );

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _observer.DisposeAsync();
    }

    private async Task UntilAsync(string count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var command = _observer.Command(count);
        while (await command.NumberAsync(limit.Token) == 0)
            limit.Token.ThrowIfCancellationRequested();
    }
}
