using System.Security.Cryptography;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>What a finished elementary stream is, found by reading it once.</summary>
/// <param name="Frames">Null where the container does not tell them apart (Annex B): decoding counts them.</param>
/// <param name="Sha256">Lower-case hex of the file.</param>
internal sealed record SegmentStream(long SizeBytes, string Sha256, int? Frames)
{
    /// <exception cref="FarmException">The file is empty, damaged, or not what the settings ask for.</exception>
    public static SegmentStream Inspect(string path, EncodeSettings settings)
    {
        var size = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        if (size == 0)
        {
            throw Unusable(path, "is empty");
        }
        using var hash = SHA256.Create();
        using var stream = new CryptoStream(File.OpenRead(path), hash, CryptoStreamMode.Read);
        int? frames = null;
        if (settings.Video.Codec is VideoCodec.Av1 or VideoCodec.Vp9)
        {
            frames = ReadIvf(stream, path, settings);
        }
        else
        {
            CheckAnnexB(stream, path, settings.Video.Codec);
        }
        return new SegmentStream(size, Convert.ToHexStringLower(hash.Hash!), frames);
    }

    private static int ReadIvf(Stream stream, string path, EncodeSettings settings)
    {
        using var reader = new IvfReader(stream, Path.GetFileName(path));
        var codec = settings.Video.Codec == VideoCodec.Av1 ? "AV01" : "VP90";
        if (reader.Header.FourCc != codec)
        {
            throw Unusable(path, $"holds {reader.Header.FourCc} instead of {codec}");
        }
        if (!reader.TryRead(out var first))
        {
            throw Unusable(path, "has no frames");
        }
        if (settings.Video.Codec == VideoCodec.Av1)
        {
            CheckAv1(first.Payload.Span, path, settings);
        }
        while (reader.TryRead(out _)) { }
        return reader.Count;
    }

    private static void CheckAnnexB(Stream stream, string path, VideoCodec codec)
    {
        // Parameter sets and the first picture's header lie at the very beginning.
        var beginning = new byte[1 << 16];
        var length = stream.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
        if (!AnnexB.BeginsWithKeyframe(beginning.AsSpan(0, length), codec))
        {
            throw Unusable(path, $"does not begin with an {codec} keyframe");
        }
        stream.CopyTo(Stream.Null);
    }

    private static void CheckAv1(ReadOnlySpan<byte> unit, string path, EncodeSettings settings)
    {
        if (!Av1Headers.TryRead(unit, out var header, out var keyframe))
        {
            throw Unusable(path, "does not begin with an AV1 sequence header");
        }
        if (!keyframe)
        {
            throw Unusable(path, "does not begin with a keyframe");
        }
        var depth = settings.Video.PixelFormat.Contains("10") ? 10 : 8;
        if (
            (header.Width, header.Height, header.BitDepth)
            != (settings.Width, settings.Height, depth)
        )
        {
            throw Unusable(
                path,
                $"is {header.Width}x{header.Height} with {header.BitDepth} bits instead of {settings.Width}x{settings.Height} with {depth}"
            );
        }
    }

    private static FarmException Unusable(string path, string how) =>
        new(FarmError.ToolFailed, $"The encoded stream {Path.GetFileName(path)} {how}.");
}
