using System.Text;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>
/// What can be said of a source before any tool opens it. Refuses what no tool should touch: directories, pipes and
/// devices (which would hang), empty and unreadable files, texts and playlists.
/// </summary>
internal sealed record InputFile(SourceIdentity Identity, byte[] Head)
{
    private const int HeadBytes = 4096;

    private static readonly string[] PlaylistStarts =
    [
        "#EXTM3U",
        "ffconcat",
        "[playlist]",
        "<asx",
        "<MPD",
        "# mplayer EDL",
        "# mpv EDL",
        "<smil",
    ];

    public bool IsMatroska =>
        Head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]);

    public bool IsMp4 => Head.Length >= 8 && Head.AsSpan(4).StartsWith("ftyp"u8);

    /// <exception cref="FarmException">BadInput: one sentence with the file and the reason, and what to do.</exception>
    public static InputFile Open(string path)
    {
        if (path.Length == 0 || path.Contains('\0'))
        {
            throw Bad(path.Replace('\0', '?'), "is not the name of a file", "Check the path.");
        }
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw Bad(full, "is a directory", "Name a video file in it.");
        }
        var info = SourceFile.Of(full);
        if (!info.Exists)
        {
            throw Bad(full, "does not exist", "Check the path.");
        }
        if (!FileKind.IsRegular(full))
        {
            throw Bad(full, "is a pipe, socket or device", "Save the video to a file first.");
        }
        if (info.Length == 0)
        {
            throw Bad(full, "is empty (0 bytes)", "Copy or download it again.");
        }
        var head = ReadHead(full);
        RefuseText(full, head);
        return new InputFile(
            new SourceIdentity(full, info.Length, new DateTimeOffset(info.LastWriteTimeUtc)),
            head
        );
    }

    internal static FarmException Bad(string path, string reason, string advice) =>
        new(FarmError.BadInput, $"'{path}' {reason}.", advice);

    private static byte[] ReadHead(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var head = new byte[HeadBytes];
            return head[..file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)];
        }
        catch (FileNotFoundException)
        {
            throw Bad(path, "is a link to a file that does not exist", "Check the path.");
        }
        catch (UnauthorizedAccessException)
        {
            throw Bad(path, "may not be read by this user", "Check its permissions.");
        }
        catch (IOException error)
        {
            throw Bad(path, $"can't be read ({error.Message.TrimEnd('.')})", "Check the disk.");
        }
    }

    private static void RefuseText(string path, byte[] head)
    {
        if (!LooksLikeText(head) || head.AsSpan().StartsWith("YUV4MPEG2 "u8))
        {
            return;
        }
        var text = Encoding.UTF8.GetString(head);
        if (PlaylistStarts.Any(start => text.Contains(start, StringComparison.OrdinalIgnoreCase)))
        {
            throw Bad(
                path,
                "is a playlist that names other files, and those are not opened",
                "Give the video files themselves."
            );
        }
        throw Bad(path, "is a text file, not a video", "Give a video file.");
    }

    /// <summary>No video container but y4m does without control characters in its first kilobytes.</summary>
    private static bool LooksLikeText(byte[] head) =>
        head.All(b => b >= 0x20 || b is (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f');
}
