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

    /// <summary>The same of a directory that is ours to make where it is missing.</summary>
    public static string? ProblemOfOwn(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (UnauthorizedAccessException)
        {
            return "this user may not make it.";
        }
        catch (IOException error)
        {
            return FirstFile(directory) is { } file
                ? $"'{file}' is a file, not a directory."
                : Reason(error, directory);
        }
        return Problem(directory);
    }

    /// <summary>What stands where a directory ought to; null where nothing does.</summary>
    private static string? FirstFile(string? directory)
    {
        while (directory is not null && !File.Exists(directory))
        {
            directory = Path.GetDirectoryName(directory);
        }
        return directory;
    }

    /// <summary>The system's words without the path that .NET adds to them: "Read-only file system".</summary>
    public static string Reason(IOException error, string path) =>
        error.Message.Replace($" : '{path}'", "").TrimEnd('.') + ".";
}
