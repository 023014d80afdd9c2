using System.Security.Cryptography;
using System.Text;

namespace EncodeFarm.Media.Model;

/// <summary>
/// Every displayed frame of a source in display order: its exact timestamp, and whether it is flagged as a keyframe.
/// It is the yardstick that segments, joins and validation are held against.
/// </summary>
/// <param name="TimeBase">Seconds per tick of <paramref name="Pts"/>.</param>
/// <param name="Pts">Strictly increasing presentation timestamps.</param>
/// <param name="Keyframes">Frame numbers, ascending.</param>
/// <param name="EndPts">Timestamp at which the last frame ends.</param>
public sealed partial record FrameTable(Rational TimeBase, long[] Pts, int[] Keyframes, long EndPts)
{
    /// <summary>First bytes of a saved table; the last one is the version of the layout.</summary>
    private static ReadOnlySpan<byte> Magic => "EFFRAME1"u8;

    public int Count => Pts.Length;

    /// <summary>SHA-256 of the table, lower-case hex: equal for equal tables only.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Serialize()));

    /// <summary>Timestamp of a frame; for <see cref="Count"/> the end of the last one.</summary>
    public long PtsOrEnd(int frame) => frame < Count ? Pts[frame] : EndPts;

    /// <summary>Writes the table and its hash, about two bytes a frame; a table that is there is replaced at once.</summary>
    public void Save(string path)
    {
        var content = Serialize();
        var temporary = path + ".part";
        using (var file = File.Create(temporary))
        {
            file.Write(content);
            file.Write(SHA256.HashData(content));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <exception cref="InvalidDataException">The file is not a frame table, or was damaged.</exception>
    public static FrameTable Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var content = bytes.AsSpan(0, Math.Max(bytes.Length - SHA256.HashSizeInBytes, 0));
        if (
            !content.StartsWith(Magic)
            || !bytes.AsSpan(content.Length).SequenceEqual(SHA256.HashData(content))
        )
        {
            throw new InvalidDataException($"'{path}' is not a frame table, or it is damaged.");
        }
        using var reader = new BinaryReader(
            new MemoryStream(bytes, Magic.Length, content.Length - Magic.Length)
        );
        var timeBase = new Rational(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        var pts = ReadDifferences(reader);
        var keyframes = ReadDifferences(reader);
        return new FrameTable(
            timeBase,
            pts,
            Array.ConvertAll(keyframes, frame => (int)frame),
            reader.Read7BitEncodedInt64()
        );
    }

    private byte[] Serialize()
    {
        using var content = new MemoryStream(Count * 2 + 64);
        using var writer = new BinaryWriter(content, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write7BitEncodedInt64(TimeBase.Numerator);
        writer.Write7BitEncodedInt64(TimeBase.Denominator);
        WriteDifferences(writer, Pts);
        WriteDifferences(writer, Array.ConvertAll(Keyframes, frame => (long)frame));
        writer.Write7BitEncodedInt64(EndPts);
        writer.Flush();
        return content.ToArray();
    }

    private static void WriteDifferences(BinaryWriter writer, long[] values)
    {
        writer.Write7BitEncodedInt(values.Length);
        var previous = 0L;
        foreach (var value in values)
        {
            writer.Write7BitEncodedInt64(value - previous);
            previous = value;
        }
    }

    private static long[] ReadDifferences(BinaryReader reader)
    {
        var values = new long[reader.Read7BitEncodedInt()];
        var previous = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = previous += reader.Read7BitEncodedInt64();
        }
        return values;
    }
}
