using EncodeFarm.Media.Mux;

namespace EncodeFarm.Node.Jobs;

/// <summary>Tells whether files can be made in a directory, by making one that vanishes with its closing.</summary>
public static class Writable
{
    /// <returns>Why it takes no files, to follow "can't be written: "; null where it does.</returns>
    public static string? Problem(string directory)
    {
        var path = Path.Combine(directory, $".encodefarm-{Guid.NewGuid():n}");
        try
        {
            new FileStream(
                path,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            ).Dispose();
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "this user may not make files there.";
        }
        catch (IOException full) when (DiskSpace.IsFull(full))
        {
            return "the disk is full.";
        }
        catch (IOException error)
        {
            return Reason(error, path);
        }
    }

    /// <summary>The system's words without the path that .NET adds to them: "Read-only file system".</summary>
    public static string Reason(IOException error, string path) =>
        error.Message.Replace($" : '{path}'", "").TrimEnd('.') + ".";
}
