using EncodeFarm.Media.Model;

namespace EncodeFarm.Farm.Work;

public static class DiskSpace
{
    /// <exception cref="FarmException">DiskFull: fewer than <paramref name="bytes"/> are free.</exception>
    public static void Require(string directory, long bytes)
    {
        if (Free(directory) is { } free && free < bytes)
        {
            throw new FarmException(
                FarmError.DiskFull,
                $"{directory} has {free >> 20} MiB free, and {bytes >> 20} MiB are needed.",
                "Make room, or choose another work directory."
            );
        }
    }

    /// <summary>Bytes that this process may still write below a directory; null where the system does not say.</summary>
    public static long? Free(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
