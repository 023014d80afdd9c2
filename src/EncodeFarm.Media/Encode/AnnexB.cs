using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>Reads as much of an H.264 or H.265 byte stream (Annex B of both) as it takes to know how it begins.</summary>
public static class AnnexB
{
    /// <summary>True where a sequence parameter set and a picture that can be decoded alone come before any other picture.</summary>
    /// <param name="bytes">The beginning of the stream.</param>
    public static bool BeginsWithKeyframe(ReadOnlySpan<byte> bytes, VideoCodec codec)
    {
        var described = false;
        while (TryNextUnit(ref bytes, out var header))
        {
            var type = TypeOf(header, codec);
            described |= type == (codec == VideoCodec.H264 ? 7 : 33);
            if (IsPicture(type, codec))
            {
                return described && IsKeyframe(type, codec);
            }
        }
        return false;
    }

    /// <summary>Steps behind the next start code (00 00 01) and gives the first byte of its unit.</summary>
    private static bool TryNextUnit(ref ReadOnlySpan<byte> bytes, out int header)
    {
        var start = bytes.IndexOf([(byte)0, (byte)0, (byte)1]);
        header = start >= 0 && start + 3 < bytes.Length ? bytes[start + 3] : -1;
        if (header < 0)
        {
            return false;
        }
        bytes = bytes[(start + 3)..];
        return true;
    }

    /// <param name="header">The unit's first byte.</param>
    internal static int TypeOf(int header, VideoCodec codec) =>
        codec == VideoCodec.H264 ? header & 31 : header >> 1 & 63;

    internal static bool IsPicture(int type, VideoCodec codec) =>
        codec == VideoCodec.H264 ? type is >= 1 and <= 5 : type < 32;

    internal static bool IsKeyframe(int type, VideoCodec codec) =>
        codec == VideoCodec.H264 ? type == 5 : type is >= 16 and <= 21;
}
