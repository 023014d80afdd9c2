using System.Security.Cryptography;
using System.Text;

namespace EncodeFarm.Media.Tools.Locate;

/// <summary>
/// Names the code that makes frames, bits and scores: the contents of ffmpeg, of the libraries it is linked with that
/// matter for them, and of the VMAF tool. The same packages on two machines give the same name.
/// </summary>
internal static class ToolFingerprint
{
    private const int HexDigits = 16;

    private static readonly string[] Libraries =
    [
        "libavcodec",
        "libavfilter",
        "libavformat",
        "libavutil",
        "libswscale",
        "libswresample",
        "libSvtAv1Enc",
        "libaom",
        "librav1e",
        "libx264",
        "libx265",
        "libvpx",
        "libopus",
        "libfdk-aac",
        "libdav1d",
        "libzimg",
        "libplacebo",
        "libvmaf",
    ];

    /// <summary>Those of the linked files that can change a result.</summary>
    internal static IEnumerable<string> Relevant(IEnumerable<string> linkedFiles) =>
        linkedFiles.Where(file =>
            Array.Exists(
                Libraries,
                library => Path.GetFileName(file).StartsWith(library, StringComparison.Ordinal)
            )
        );

    /// <summary>16 hex digits.</summary>
    /// <exception cref="IOException">A file could not be read.</exception>
    internal static async Task<string> ComputeAsync(
        IEnumerable<string> files,
        string? vmaf,
        CancellationToken cancellation
    )
    {
        var hashed = files.Select(file => (Name: Path.GetFileName(file), File: file));
        if (vmaf is not null)
            hashed = hashed.Append((Name: "vmaf", File: vmaf));
        var lines = await Task.WhenAll(
            hashed.Select(entry => LineAsync(entry.Name, entry.File, cancellation))
        );
        Array.Sort(lines, StringComparer.Ordinal);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return Convert.ToHexStringLower(digest)[..HexDigits];
    }

    private static async Task<string> LineAsync(
        string name,
        string file,
        CancellationToken cancellation
    )
    {
        await using var stream = File.OpenRead(file);
        var hash = await SHA256.HashDataAsync(stream, cancellation);
        return $"{name} {Convert.ToHexStringLower(hash)}";
    }
}
