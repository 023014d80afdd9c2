using EncodeFarm.Media.Mux;

namespace EncodeFarm.Farm.Work;

/// <summary>Keeps a machine from beginning what it has no room for.</summary>
public static class DiskGuard
{
    /// <param name="needed">Free bytes below which nothing begins.</param>
    /// <returns>Why nothing new is taken; null where there is room, or the system does not say.</returns>
    public static string? Closed(string directory, long needed) =>
        DiskSpace.Free(directory) is { } free && free < needed
            ? $"disk full: {free >> 20} MiB free in {directory}, {needed >> 20} MiB needed"
            : null;
}
