using System.Buffers.Binary;

namespace EncodeFarm.TestMedia;

/// <summary>A presentation graphics stream (Blu-ray subtitles) of two white boxes; ffmpeg has no encoder for it.</summary>
internal static class Pgs
{
    private const int Width = 160;
    private const int Height = 90;
    private const int Box = 16;
    private const int ClockHertz = 90_000;

    private enum Segment : byte
    {
        Palette = 0x14,
        Object = 0x15,
        Presentation = 0x16,
        Window = 0x17,
        End = 0x80,
    }

    public static byte[] Bytes()
    {
        using var file = new MemoryStream();
        foreach (var (start, end, number) in new[] { (0.5, 1.5, 0), (2.0, 3.0, 2) })
        {
            Show(file, start, number);
            Clear(file, end, number + 1);
        }
        return file.ToArray();
    }

    private static void Show(Stream file, double seconds, int number)
    {
        Write(file, seconds, Segment.Presentation, Composition(number, epochStart: true));
        Write(file, seconds, Segment.Window, Window());
        // Entry 1: white, opaque (Y, Cr, Cb, alpha).
        Write(file, seconds, Segment.Palette, [0, 0, 1, 235, 128, 128, 255]);
        Write(file, seconds, Segment.Object, Picture());
        Write(file, seconds, Segment.End, []);
    }

    private static void Clear(Stream file, double seconds, int number)
    {
        Write(file, seconds, Segment.Presentation, Composition(number, epochStart: false));
        Write(file, seconds, Segment.Window, Window());
        Write(file, seconds, Segment.End, []);
    }

    private static byte[] Composition(int number, bool epochStart) =>
        [
            .. Word(Width),
            .. Word(Height),
            0x10,
            .. Word(number),
            epochStart ? (byte)0x80 : (byte)0,
            0,
            0,
            .. epochStart ? [1, 0, 0, 0, 0, .. Word(40), .. Word(60)] : new byte[] { 0 },
        ];

    private static byte[] Window() => [1, 0, .. Word(40), .. Word(60), .. Word(Box), .. Word(Box)];

    /// <summary>Each line: 16 pixels of colour 1 as one run, and the end of the line.</summary>
    private static byte[] Picture()
    {
        byte[] line = [0, 0x80 | Box, 1, 0, 0];
        byte[] data = [.. Enumerable.Repeat(line, Box).SelectMany(bytes => bytes)];
        var length = data.Length + 4;
        return
        [
            0,
            0,
            0,
            0xC0,
            (byte)(length >> 16),
            .. Word(length & 0xFFFF),
            .. Word(Box),
            .. Word(Box),
            .. data,
        ];
    }

    private static void Write(Stream file, double seconds, Segment type, byte[] content)
    {
        var time = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(time, (uint)(seconds * ClockHertz));
        file.Write([
            (byte)'P',
            (byte)'G',
            .. time,
            .. new byte[4],
            (byte)type,
            .. Word(content.Length),
            .. content,
        ]);
    }

    private static byte[] Word(int value) => [(byte)(value >> 8), (byte)value];
}
