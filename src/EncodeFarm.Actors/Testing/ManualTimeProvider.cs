namespace EncodeFarm.Actors.Testing;

/// <summary>A clock that stands still until it is moved; timers fire in the order of their time, on the thread that moves it.</summary>
public sealed class ManualTimeProvider(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now = start ?? new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>When the next timer is due; null if none is set.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (gate)
                return timers.Min(timer => timer.Due);
        }
    }

    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    )
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock; each timer sees the time at which it was due.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var target = GetUtcNow() + by;
        while (NextUntil(target) is { } fire)
            fire();
    }

    private Action? NextUntil(DateTimeOffset target)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            if (next is null)
            {
                now = target > now ? target : now;
                return null;
            }
            now = next.Due!.Value > now ? next.Due.Value : now;
            next.Due = next.Period > TimeSpan.Zero ? now + next.Period : null;
            if (next.Due is null)
                timers.Remove(next);
            return next.Fire;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, Action fire) : ITimer
    {
        public Action Fire => fire;

        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                Dispose();
                Period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock.now + dueTime;
                    clock.timers.Add(this);
                }
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                Due = null;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
