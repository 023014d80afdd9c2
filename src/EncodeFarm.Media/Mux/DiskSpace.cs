using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>Room on the disks that files are written to.</summary>
public static class DiskSpace
{
    /// <summary>ENOSPC, EDQUOT, ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL, as .NET passes them on.</summary>
    private static readonly int[] FullCodes =
    [
        28,
        122,
        unchecked((int)0x80070027),
        unchecked((int)0x80070070),
    ];

    /// <summary>EROFS: a disk that broke is often mounted so by the system itself.</summary>
    private const int ReadOnlyCode = 30;

    public static bool IsFull(IOException exception) => FullCodes.Contains(exception.HResult);

    /// <summary>Nothing can be written there, whatever it is: the machine needs somebody's hand.</summary>
    public static bool IsUnusable(IOException exception) =>
        IsFull(exception) || exception.HResult == ReadOnlyCode;

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

    /// <param name="path">The file that is to be written.</param>
    /// <exception cref="FarmException">DiskFull: there is less room than <paramref name="bytes"/>.</exception>
    public static void Require(string path, long bytes)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (Free(directory) is { } free && free < bytes)
        {
            throw Full(path, bytes);
        }
    }

    public static FarmException Full(string path, long bytes)
    {
        var directory = Path.GetDirectoryName(path);
        return new FarmException(
            FarmError.DiskFull,
            $"There is no room in {directory} for {Path.GetFileName(path)}: about {Math.Ceiling(bytes / 1e6):0} MB are needed.",
            "Make room there; the work goes on from where it is."
        );
    }
}
