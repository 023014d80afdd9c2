namespace EncodeFarm.Cluster.Members;

/// <summary>
/// How long the present epoch has lasted, as a node that hears the coordinator's announcements knows it: the last
/// announcement's time and what has passed since on this machine's monotonic clock. It lags by the announcement's way,
/// never by what the clocks of two machines show, and it goes on where nothing is heard any more.
/// </summary>
public sealed class EpochClock(TimeProvider time)
{
    Announcement? _last;

    sealed record Announcement(long Epoch, TimeSpan Announced, long Heard);

    public void Hear(MemberTable table)
    {
        if (table.Epoch >= (Volatile.Read(ref _last)?.Epoch ?? 0))
        {
            Volatile.Write(ref _last, new(table.Epoch, table.Announced, time.GetTimestamp()));
        }
    }

    /// <summary>Null before anything was heard.</summary>
    public (long Epoch, TimeSpan Age)? Now =>
        Volatile.Read(ref _last) is { } last
            ? (last.Epoch, last.Announced + time.GetElapsedTime(last.Heard))
            : null;

    /// <summary>How long ago the last announcement was heard; null before the first.</summary>
    public TimeSpan? Silence =>
        Volatile.Read(ref _last) is { } last ? time.GetElapsedTime(last.Heard) : null;
}
