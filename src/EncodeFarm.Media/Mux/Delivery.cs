using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// The last step: a finished, validated file gets its final name, or nothing changes. Nobody ever sees half a file
/// under that name, and what stood there before goes only when the new one is complete.
/// </summary>
public static class Delivery
{
    /// <summary>Says before any work whether the destination can be used.</summary>
    /// <param name="destination">Absolute path.</param>
    /// <exception cref="FarmException">
    /// <see cref="FarmError.BadOutput"/>: it is the source (also by another name), exists and may not be replaced, is a
    /// directory, or its directory is missing or not writable.
    /// </exception>
    public static void Check(string destination, string source, bool overwrite)
    {
        if (Directory.Exists(destination))
        {
            throw Bad($"The output {destination} is a directory.", "Name a file.");
        }
        var directory = Path.GetDirectoryName(destination);
        if (directory is null || !Directory.Exists(directory))
        {
            throw Bad(
                $"The output directory {directory} does not exist.",
                "Create it, or choose another with -o."
            );
        }
        if (SameFile(destination, source))
        {
            throw Bad(
                $"The output {destination} is the source itself.",
                "Choose another name with -o."
            );
        }
        if (!overwrite && NativeFiles.Exists(destination))
        {
            throw Exists(destination);
        }
        RequireWritable(directory);
    }

    /// <summary>
    /// Where a job writes before the file is delivered: in the destination's directory, so that a rename is enough,
    /// hidden, and the same after a restart.
    /// </summary>
    /// <param name="jobKey">Made of letters, digits, "-" and "_".</param>
    public static string TemporaryPath(string destination, string jobKey)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(destination));
        var name = $".encodefarm-{jobKey}-{Convert.ToHexStringLower(hash)[..8]}.part";
        return Path.Combine(Path.GetDirectoryName(destination)!, name);
    }

    /// <summary>
    /// Gives the temporary file its final name and makes that last (fsync of file and directory). Can be called again
    /// after a crash: a destination with the file's hash is delivered already.
    /// </summary>
    /// <param name="sha256">Of the temporary file, lower-case hex.</param>
    /// <exception cref="FarmException">
    /// <see cref="FarmError.BadOutput"/>: another file has come there meanwhile and may not be replaced; the temporary
    /// file stays. <see cref="FarmError.Invalid"/>: the temporary file is gone.
    /// </exception>
    public static async Task CommitAsync(
        string temporary,
        string destination,
        string sha256,
        bool overwrite,
        CancellationToken cancellation
    )
    {
        if (!File.Exists(temporary))
        {
            if (await IsDeliveredAsync(destination, sha256, cancellation))
            {
                return;
            }
            throw new FarmException(
                FarmError.Invalid,
                $"The finished file {temporary} is gone before it could be delivered.",
                "It has to be put together again."
            );
        }
        NativeFiles.Flush(temporary);
        if (!TryRename(temporary, destination, overwrite))
        {
            if (!await IsDeliveredAsync(destination, sha256, cancellation))
            {
                throw Exists(destination);
            }
            File.Delete(temporary);
        }
        NativeFiles.FlushDirectory(Path.GetDirectoryName(destination)!);
    }

    /// <summary>True where the destination holds exactly the file that was recorded.</summary>
    public static async Task<bool> IsDeliveredAsync(
        string destination,
        string sha256,
        CancellationToken cancellation
    ) =>
        File.Exists(destination) && await FileHash.Sha256Async(destination, cancellation) == sha256;

    private static bool TryRename(string temporary, string destination, bool overwrite)
    {
        try
        {
            if (!overwrite)
            {
                return NativeFiles.TryRenameNew(temporary, destination);
            }
            File.Move(temporary, destination, overwrite: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FarmException(
                FarmError.BadOutput,
                $"{destination} can't be written: {exception.Message}",
                $"The finished file is {temporary}.",
                exception
            );
        }
    }

    /// <summary>True where both name one file, also by a link of either kind.</summary>
    public static bool SameFile(string destination, string source) =>
        Path.GetFullPath(destination) == Path.GetFullPath(source)
        || (
            NativeFiles.Identity(destination) is { } identity
            && identity == NativeFiles.Identity(source)
        );

    private static void RequireWritable(string directory)
    {
        var probe = Path.Combine(directory, $".encodefarm-{Guid.NewGuid():N}.part");
        try
        {
            File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (exception is IOException io && DiskSpace.IsFull(io))
            {
                throw DiskSpace.Full(probe, 1);
            }
            throw Bad(
                $"The output directory {directory} is not writable.",
                "Change its permissions, or choose another with -o."
            );
        }
    }

    private static FarmException Exists(string destination) =>
        Bad(
            $"The output {destination} exists already.",
            "Use --overwrite to replace it, or choose another name with -o."
        );

    private static FarmException Bad(string message, string advice) =>
        new(FarmError.BadOutput, message, advice);
}
