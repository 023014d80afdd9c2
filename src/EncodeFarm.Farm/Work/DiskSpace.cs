namespace EncodeFarm.Farm.Work;

public static class DiskSpace
{
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
