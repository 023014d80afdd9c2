using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Embedded;

/// <summary>How many segments this machine encodes at the same time, where nobody says it.</summary>
public static class SlotCount
{
    /// <summary>
    /// Memory of one attempt: encoder, decoder and measurement of a 1080p AV1 segment were measured at 590, 300 and 410
    /// MB; they do not all run at once.
    /// </summary>
    private const long BytesPerAttempt = 1000L << 20;

    private const long LargestMemory = 8L << 30;

    /// <summary>One per core (encoders get one thread each), as far as the memory allows, at least one.</summary>
    public static int For(FarmSettings farm, int cores, long machineMemory)
    {
        var memory =
            farm.MemoryLimit
            ?? Math.Min(LargestMemory, AttemptLimits.Memory(null, machineMemory)!.Value);
        return farm.Slots ?? (int)Math.Clamp(Math.Min(cores, memory / BytesPerAttempt), 1, 256);
    }

    public static int For(FarmSettings farm) =>
        For(
            farm,
            Environment.ProcessorCount,
            MachineMemory.Read()?.Total ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes
        );
}
