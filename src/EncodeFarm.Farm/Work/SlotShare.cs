namespace EncodeFarm.Farm.Work;

/// <summary>
/// How many slots' worth of cores each attempt of a worker may use now. At the end of a job fewer segments are left than
/// slots; those that still run take the cores of the others. Safe for use by many threads.
/// </summary>
public sealed class SlotShare
{
    volatile int _each = 1;

    /// <summary>Encoder threads, at least 1.</summary>
    public int Each => _each;

    public void Divide(int slots, int attempts) =>
        _each = Math.Max(1, slots / Math.Max(1, attempts));
}
