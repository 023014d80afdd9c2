using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Actors;

/// <summary>What becomes of an actor that has failed.</summary>
public enum Directive
{
    /// <summary>A new behaviour after the back-off; the mailbox stays, except for the message that failed.</summary>
    Restart,

    /// <summary>It stops for good.</summary>
    Stop,

    /// <summary>It stops, and its parent fails with the same exception; without a parent it only stops.</summary>
    Escalate,
}

/// <summary>How an actor's failures are answered. The default restarts it for ever, except when it is fenced off from its journal or can't read it.</summary>
public sealed record Supervision
{
    /// <summary>For <see cref="MaxRestarts"/>.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>A timer takes less than 2^32 milliseconds (49.7 days).</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    public static Supervision Default { get; } = new();

    /// <summary>Any failure stops the actor for good.</summary>
    public static Supervision Stopping { get; } = new() { Decide = _ => Directive.Stop };

    /// <summary>Any failure stops the actor and becomes its parent's.</summary>
    public static Supervision Escalating { get; } = new() { Decide = _ => Directive.Escalate };

    /// <summary>
    /// Pure. A <see cref="FencedException"/> stops by default: another process has taken over, and trying again is not ours. So does an
    /// <see cref="UnreadableJournalException"/>: the next try would read the same.
    /// </summary>
    public Func<Exception, Directive> Decide { get; init; } =
        failure =>
            failure is FencedException or UnreadableJournalException
                ? Directive.Stop
                : Directive.Restart;

    /// <summary>Before the first restart; doubled with every further one in a row.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>No wait is longer, jitter included. At least <see cref="MinBackoff"/>, at most 49 days.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The jitter's largest share: 0.2 adds up to 20 %.</summary>
    public double RandomFactor { get; init; } = 0.2;

    /// <summary>Restarts in a row before the actor stops for good.</summary>
    public int MaxRestarts { get; init; } = Unlimited;

    /// <summary>A behaviour that ran so long after its start ends the row: back-off and count begin anew.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRestarts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxBackoff, LongestTimer);
        Backoff.Delay(0, MinBackoff, MaxBackoff, RandomFactor, new Random(0));
    }
}
