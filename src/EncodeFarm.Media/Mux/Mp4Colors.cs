using System.Buffers.Binary;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// What the boxes of an MP4 (ISO 14496-12) say of its picture's colours: <c>colr</c> (nclx), <c>mdcv</c> and
/// <c>clli</c>. ffprobe shows the bitstream's instead, wherever that says anything.
/// </summary>
internal static class Mp4Colors
{
    /// <summary>The fixed part of a visual sample entry, between its header and its boxes.</summary>
    private const int VisualEntryBytes = 78;

    /// <summary>Version, flags and number of entries.</summary>
    private const int TableHeaderBytes = 8;

    private const int BoxHeaderBytes = 8;

    /// <exception cref="InvalidDataException">The file is not an MP4, or has no video track.</exception>
    public static ContainerColor Read(string path)
    {
        using var file = File.OpenRead(path);
        return Of(Movie(file));
    }

    /// <param name="movie">The content of the box <c>moov</c>.</param>
    internal static ContainerColor Of(ReadOnlySpan<byte> movie)
    {
        for (var rest = movie; TryTake(ref rest, out var type, out var track); )
        {
            if (!type.SequenceEqual("trak"u8))
            {
                continue;
            }
            var media = Child(track, "mdia"u8);
            // Version, flags and a reserved word stand before the kind of the track.
            if (!Child(media, "hdlr"u8)[8..].StartsWith("vide"u8))
            {
                continue;
            }
            var table = Child(Child(media, "minf"u8), "stbl"u8);
            var entries = Child(table, "stsd"u8)[TableHeaderBytes..];
            return TryTake(ref entries, out _, out var entry)
                ? Tags(entry[VisualEntryBytes..])
                : ContainerColor.Silent;
        }
        throw new InvalidDataException("there is no video track");
    }

    private static ContainerColor Tags(ReadOnlySpan<byte> boxes)
    {
        var tags = ContainerColor.Silent;
        while (TryTake(ref boxes, out var type, out var box))
        {
            if (type.SequenceEqual("colr"u8) && box.StartsWith("nclx"u8))
            {
                tags = tags with
                {
                    Primaries = Word(box, 4),
                    Transfer = Word(box, 6),
                    Matrix = Word(box, 8),
                    Range = (box[10] & 0x80) != 0 ? 2 : 1,
                };
            }
            else if (type.SequenceEqual("mdcv"u8))
            {
                tags = tags with { Mastering = Display(box) };
            }
            else if (type.SequenceEqual("clli"u8))
            {
                tags = tags with { Light = new ContentLight(Word(box, 0), Word(box, 2)) };
            }
        }
        return tags;
    }

    /// <summary>Green, blue, red and white in steps of 0.00002; luminances in 0.0001 cd/m², the largest first.</summary>
    private static MasteringDisplay Display(ReadOnlySpan<byte> box) =>
        new(
            Word(box, 8) / 50_000.0,
            Word(box, 10) / 50_000.0,
            Word(box, 0) / 50_000.0,
            Word(box, 2) / 50_000.0,
            Word(box, 4) / 50_000.0,
            Word(box, 6) / 50_000.0,
            Word(box, 12) / 50_000.0,
            Word(box, 14) / 50_000.0,
            BinaryPrimitives.ReadUInt32BigEndian(box[20..]) / 10_000.0,
            BinaryPrimitives.ReadUInt32BigEndian(box[16..]) / 10_000.0
        );

    private static int Word(ReadOnlySpan<byte> box, int at) =>
        BinaryPrimitives.ReadUInt16BigEndian(box[at..]);

    /// <summary>The content of the first box of that type.</summary>
    private static ReadOnlySpan<byte> Child(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> wanted)
    {
        while (TryTake(ref boxes, out var type, out var content))
        {
            if (type.SequenceEqual(wanted))
            {
                return content;
            }
        }
        throw new InvalidDataException(
            $"a track lacks the box '{System.Text.Encoding.ASCII.GetString(wanted)}'"
        );
    }

    private static bool TryTake(
        scoped ref ReadOnlySpan<byte> boxes,
        out ReadOnlySpan<byte> type,
        out ReadOnlySpan<byte> content
    )
    {
        type = [];
        content = [];
        if (boxes.Length < BoxHeaderBytes)
        {
            return false;
        }
        var size = BinaryPrimitives.ReadUInt32BigEndian(boxes);
        if (size < BoxHeaderBytes || size > boxes.Length)
        {
            throw new InvalidDataException("a box reaches beyond the one around it");
        }
        type = boxes.Slice(4, 4);
        content = boxes[BoxHeaderBytes..(int)size];
        boxes = boxes[(int)size..];
        return true;
    }

    private static byte[] Movie(FileStream file)
    {
        Span<byte> header = stackalloc byte[16];
        while (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) >= BoxHeaderBytes)
        {
            long size = BinaryPrimitives.ReadUInt32BigEndian(header);
            if (size == 1)
            {
                size = BinaryPrimitives.ReadInt64BigEndian(header[BoxHeaderBytes..]);
            }
            var start = file.Position - header.Length;
            if (header.Slice(4, 4).SequenceEqual("moov"u8))
            {
                var movie = new byte[size - BoxHeaderBytes];
                file.Position = start + BoxHeaderBytes;
                file.ReadExactly(movie);
                return movie;
            }
            if (size < BoxHeaderBytes || start + size >= file.Length)
            {
                break;
            }
            file.Position = start + size;
        }
        throw new InvalidDataException("there is no index (moov)");
    }
}
