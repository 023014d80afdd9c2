namespace EncodeFarm.Farm.Work;

/// <summary>
/// How many slots' worth of cores each attempt of a worker may use now. At the end of a job fewer segments are left than
/// slots; those that still run take the cores of the others. Safe for use by many threads.
/// </summary>
public sealed class SlotShare
{
    /// <summary>Of an attempt that takes no other's cores. Never divided.</summary>
    public static readonly SlotShare OneThread = new();

    sealed record Share(int Cores, long Memory);

    volatile Share _each = new(1, long.MaxValue);

    /// <summary>Cores, at least 1.</summary>
    public int Each => _each.Cores;

    /// <param name="memory">Bytes that all attempts together may take; null for no limit.</param>
    public void Divide(int slots, int attempts, long? memory = null)
    {
        var running = Math.Max(1, attempts);
        // The other half is for attempts that come while these run.
        _each = new(Math.Max(1, slots / running), memory / 2 / running ?? long.MaxValue);
    }

    /// <summary>Encoder threads, at least 1: more than one only as far as the memory goes.</summary>
    /// <param name="memory">Bytes that an encoder takes with so many threads.</param>
    public int Threads(Func<int, long> memory)
    {
        var each = _each;
        var threads = each.Cores;
        while (threads > 1 && memory(threads) > each.Memory)
        {
            threads--;
        }
        return threads;
    }
}
