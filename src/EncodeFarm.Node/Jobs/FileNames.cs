using System.Text;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Jobs;

/// <summary>What can be told of a file by its name alone.</summary>
public static class FileNames
{
    /// <summary>Bytes of one name, and of a whole path with its closing zero: NAME_MAX and PATH_MAX of Linux.</summary>
    private const int LongestName = 255;
    private const int LongestPath = 4096 - 1;

    /// <summary>Bytes of the longest name that a job gives a file beside its destination.</summary>
    private const int TemporaryName = 64;

    /// <summary>
    /// .NET reads names as UTF-8 and puts U+FFFD where the bytes are none: then the name no longer leads to the file.
    /// </summary>
    public static bool HasLostBytes(string name) => name.Contains('\uFFFD');

    /// <exception cref="FarmException">BadOutput: the name of the file, or the whole path, is longer than a file system takes.</exception>
    public static void RequireFitting(string path)
    {
        var name = Encoding.UTF8.GetByteCount(Path.GetFileName(path));
        var directory = Encoding.UTF8.GetByteCount(Path.GetDirectoryName(path)!) + 1;
        var problem =
            name > LongestName ? $"its name has {name} bytes, and {LongestName} is the most."
            : directory + Math.Max(name, TemporaryName) > LongestPath
                ? $"its path has {directory + name} bytes, which is too long."
            : null;
        if (problem is not null)
        {
            throw new FarmException(
                FarmError.BadOutput,
                $"'{path}' can't be written: {problem}",
                "Choose a shorter one with -o."
            );
        }
    }
}
