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
    /// <summary>
    /// Where a job writes before the file is delivered: in the destination's directory, so that a rename is enough, and
    /// hidden.
    /// </summary>
    /// <param name="jobKey">Made of letters, digits, "-" and "_".</param>
    /// <param name="run">Of this one mux, likewise: a coordinator that was thought dead may still be writing its own.</param>
    public static string TemporaryPath(string destination, string jobKey, string run) =>
        Path.Combine(
            Path.GetDirectoryName(destination)!,
            $"{TemporaryPrefix(destination, jobKey)}{run}{TemporarySuffix}"
        );

    /// <summary>Removes what earlier muxes of the job have left for this destination.</summary>
    public static void SweepTemporaries(string destination, string jobKey)
    {
        var directory = new DirectoryInfo(Path.GetDirectoryName(destination)!);
        if (!directory.Exists)
        {
            return;
        }
        var prefix = TemporaryPrefix(destination, jobKey);
        foreach (var file in directory.EnumerateFiles($"{prefix}*{TemporarySuffix}"))
        {
            file.Delete();
        }
    }

    const string TemporarySuffix = ".part";

    static string TemporaryPrefix(string destination, string jobKey)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(destination));
        return $".encodefarm-{jobKey}-{Convert.ToHexStringLower(hash)[..8]}-";
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
                $"{destination} can't be written: {exception.Message.TrimEnd('.')}.",
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

    /// <summary>True for anything of that name, also for a symbolic link that points nowhere.</summary>
    public static bool IsTaken(string destination) => NativeFiles.Exists(destination);

    private static FarmException Exists(string destination) =>
        new(
            FarmError.BadOutput,
            $"The output {destination} exists already.",
            "Use --overwrite to replace it, or choose another name with -o."
        );
}
