using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Embedded;

/// <summary>What an attempt may take on this machine.</summary>
public static class AttemptLimits
{
    /// <summary>
    /// An encoder that takes more than all of them may is stopped before the machine runs out of memory: then the
    /// operating system chooses whom it ends.
    /// </summary>
    public static EncodeLimits Of(FarmSettings farm) =>
        new(
            TimeSpan.FromSeconds(farm.Attempt.StallSeconds),
            TimeSpan.FromSeconds(farm.Attempt.TimeoutSeconds),
            MemoryBytes: Memory(farm.MemoryLimit, MachineMemory.Read()?.Total),
            HardwareDecoder: farm.HardwareDecoder
        );

    /// <param name="limit">Bytes, as an operator has said it; null is 80 % of the machine's.</param>
    /// <param name="machine">Bytes of the machine or the container; null where not known.</param>
    /// <returns>Bytes for all attempts together; null where neither is known.</returns>
    public static long? Memory(long? limit, long? machine) => limit ?? machine / 10 * 8;
}
