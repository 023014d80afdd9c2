namespace EncodeFarm.Actors.Kernel;

/// <summary>Counts all dead letters and logs the first few of every second, so that a flood can't drown the log.</summary>
internal sealed class DeadLetterOffice(ActorSystem system)
{
    private const int LoggedPerSecond = 10;

    private readonly Lock gate = new();
    private long count;
    private long window = system.Time.GetTimestamp();
    private long inWindow;

    public long Count => Interlocked.Read(ref count);

    public void Add(string path, object message)
    {
        long silent;
        lock (gate)
        {
            count++;
            silent = 0;
            if (system.Time.GetElapsedTime(window) >= TimeSpan.FromSeconds(1))
            {
                silent = Math.Max(0, inWindow - LoggedPerSecond);
                window = system.Time.GetTimestamp();
                inWindow = 0;
            }
            if (++inWindow > LoggedPerSecond)
                return;
        }
        var more = silent == 0 ? "" : $" ({silent} more were not logged)";
        system.Log(
            ActorLogLevel.Warning,
            path,
            $"Dead letter: {message.GetType().Name}{more}.",
            null
        );
    }
}
