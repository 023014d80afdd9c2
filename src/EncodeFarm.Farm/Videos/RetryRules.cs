using EncodeFarm.Actors;

namespace EncodeFarm.Farm.Videos;

/// <summary>Whether something that failed is tried again, and when.</summary>
static class RetryRules
{
    /// <summary>How often a full disk or an absent store is looked at again.</summary>
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    /// <summary>Whoever was at work for so long had what it now waits for.</summary>
    static readonly TimeSpan Worked = TimeSpan.FromMinutes(10);

    /// <summary>Since when it has waited without a break; null where it has not.</summary>
    public static DateTimeOffset? WaitingSince(Tries tries, DateTimeOffset now) =>
        now - tries.NotBefore < Worked ? tries.WaitingSince : null;

    public static bool IsFinal(Tries tries, FailureKind kind, DecideContext context) =>
        kind switch
        {
            FailureKind.BadInput or FailureKind.BadOutput => true,
            _ when kind.IsWaitedFor() => WaitingSince(tries, context.Now) is { } since
                && context.Now - since >= context.Policy.DiskWait,
            _ => tries.Failures >= context.Policy.Retries,
        };

    public static DateTimeOffset NotBefore(Tries tries, FailureKind kind, DecideContext context) =>
        kind.IsWaitedFor()
            ? context.Now + LookAgain
            : context.Now
                + Backoff.Delay(
                    tries.Failures,
                    context.Policy.MinBackoff,
                    context.Policy.MaxBackoff,
                    context.Policy.RandomFactor,
                    context.Random
                );
}
