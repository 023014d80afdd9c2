using System.Buffers.Binary;
using System.Text.Json;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>Finds files that were cut off. Tools read them to the cut and end with success.</summary>
internal static class Completeness
{
    private static readonly string[] Complaints =
    [
        "File ended prematurely",
        "partial file",
        "Truncating packet",
    ];

    /// <summary>Boxes with the media or its index; a cut inside them loses frames.</summary>
    private static readonly string[] VitalBoxes = ["mdat", "moov", "moof"];

    /// <summary>Plain, with a time stamp in front (Blu-ray), with error correction behind.</summary>
    private static readonly int[] TransportPackets = [188, 192, 204];

    /// <summary>
    /// True where the container's own sizes reach beyond the file, or the demuxer met the end too early.
    /// </summary>
    public static bool IsCutOff(InputFile file, PacketReading packets) =>
        Complaints.Any(complaint =>
            packets.Complaints.Contains(complaint, StringComparison.OrdinalIgnoreCase)
        ) || EndsBeyondFile(file);

    /// <summary>True where an MP4's index names more pictures than were read.</summary>
    public static bool LacksPictures(InputFile file, JsonElement stream, PacketReading packets) =>
        file.IsMp4 && stream.Integer("nb_frames") > packets.Scan.Packets;

    /// <summary>"12.4 of 60.0 seconds", or the usable part alone where the container does not say how long it was.</summary>
    public static string Usable(FrameTable frames, double? declared)
    {
        var usable = (frames.EndPts - frames.Pts[0]) * frames.TimeBase.Value;
        return declared is { } whole && whole > usable
            ? $"{usable:0.0} of {whole:0.0} seconds are usable"
            : $"{usable:0.0} seconds are usable";
    }

    /// <summary>
    /// A transport stream has no length of its own. A last packet that is not whole is the only sign of a cut, and
    /// also how many recorders end, so it is no more than a hint.
    /// </summary>
    public static bool EndsInsidePacket(FileReading reading) =>
        reading.Format == "mpegts"
        && TransportPackets.All(size => SourceFile.Of(reading.Path).Length % size != 0);

    private static bool EndsBeyondFile(InputFile file)
    {
        if (file.IsMatroska)
        {
            return MatroskaEnd(file.Head) > file.Identity.Size;
        }
        return file.IsMp4 && Mp4ReachesBeyond(file.Identity);
    }

    /// <summary>Where the Matroska segment ends by its own size; null where it is of unknown size (live recordings).</summary>
    internal static long? MatroskaEnd(ReadOnlySpan<byte> head)
    {
        const uint segmentId = 0x18538067;
        if (ReadSize(head, 4) is not { } header)
        {
            return null;
        }
        var segment = 4 + header.Length + header.Value;
        if (
            segment + 12 > head.Length
            || BinaryPrimitives.ReadUInt32BigEndian(head[(int)segment..]) != segmentId
            || ReadSize(head, (int)segment + 4) is not { } size
        )
        {
            return null;
        }
        return segment + 4 + size.Length + size.Value;
    }

    /// <summary>EBML's number of variable length; null for "unknown" (all bits set).</summary>
    private static (int Length, long Value)? ReadSize(ReadOnlySpan<byte> bytes, int at)
    {
        if (at >= bytes.Length || bytes[at] == 0)
        {
            return null;
        }
        var length = 1 + byte.LeadingZeroCount(bytes[at]);
        if (at + length > bytes.Length)
        {
            return null;
        }
        long value = bytes[at] & (0xFF >> length);
        foreach (var next in bytes.Slice(at + 1, length - 1))
        {
            value = value << 8 | next;
        }
        return value == (1L << 7 * length) - 1 ? null : (length, value);
    }

    private static bool Mp4ReachesBeyond(SourceIdentity source)
    {
        using var file = File.OpenRead(source.Path);
        Span<byte> header = stackalloc byte[16];
        for (long at = 0; at + 8 <= source.Size; )
        {
            file.Position = at;
            var read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            long size = BinaryPrimitives.ReadUInt32BigEndian(header);
            if (size == 1 && read == header.Length)
            {
                size = BinaryPrimitives.ReadInt64BigEndian(header[8..]);
            }
            if (size < 8)
            {
                return false;
            }
            var type = System.Text.Encoding.ASCII.GetString(header.Slice(4, 4));
            if (at + size > source.Size && VitalBoxes.Contains(type))
            {
                return true;
            }
            at += size;
        }
        return false;
    }
}
