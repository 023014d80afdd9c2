using System.Globalization;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>Room on the disk that a file is written to.</summary>
internal static class DiskSpace
{
    /// <summary>ENOSPC, ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL, as .NET passes them on.</summary>
    private static readonly int[] FullCodes =
    [
        28,
        unchecked((int)0x80070027),
        unchecked((int)0x80070070),
    ];

    public static bool IsFull(IOException exception) => FullCodes.Contains(exception.HResult);

    /// <exception cref="FarmException">There is less room than <paramref name="bytes"/>.</exception>
    public static void Require(string path, long bytes)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (Directory.Exists(directory) && new DriveInfo(directory).AvailableFreeSpace < bytes)
        {
            throw Full(path, bytes);
        }
    }

    public static FarmException Full(string path, long bytes)
    {
        var directory = Path.GetDirectoryName(path);
        return new FarmException(
            FarmError.DiskFull,
            string.Create(
                CultureInfo.InvariantCulture,
                $"There is no room in {directory} for {Path.GetFileName(path)}: about {Math.Ceiling(bytes / 1e6):0} MB are needed."
            ),
            "Make room there; the work goes on from where it is."
        );
    }
}
