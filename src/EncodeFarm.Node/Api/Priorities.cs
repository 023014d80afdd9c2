namespace EncodeFarm.Node.Api;

/// <summary>Priorities of jobs: 0 is usual, higher ones come first.</summary>
public static class Priorities
{
    public const int Most = 1_000_000;

    /// <exception cref="Refusal">It is not within -<see cref="Most"/>..<see cref="Most"/>.</exception>
    public static int RequireInRange(int priority) =>
        priority is >= -Most and <= Most
            ? priority
            : throw Refusal.Usage(
                $"The priority is {priority}, but must be a whole number of {-Most}..{Most}."
            );
}
