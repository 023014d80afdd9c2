namespace EncodeFarm.TestMedia;

/// <summary>
/// Makes film on DVD of a progressive MPEG-2 stream at 23.976 fps: its pictures stay 24 a second, and flags ask the
/// player to repeat every second picture's first field, for 29.97. No encoder here sets them (ISO 13818-2, 6.3.10).
/// </summary>
internal static class SoftPulldown
{
    private const byte Picture = 0x00;
    private const byte SequenceHeader = 0xB3;
    private const byte Extension = 0xB5;
    private const byte Group = 0xB8;

    private const int SequenceExtension = 1;
    private const int PictureCodingExtension = 8;

    /// <summary>Frame rate code of 30000/1001.</summary>
    private const int Ntsc = 4;

    /// <summary>Changes the elementary stream in place. Its pictures' height must be a multiple of 32.</summary>
    public static void Flag(Span<byte> stream)
    {
        var (shownBefore, pictures, number) = (0, 0, 0);
        for (var at = 0; at + 9 < stream.Length; at++)
        {
            if (stream[at] != 0 || stream[at + 1] != 0 || stream[at + 2] != 1)
            {
                continue;
            }
            var unit = stream[(at + 4)..];
            switch (stream[at + 3])
            {
                case SequenceHeader:
                    unit[3] = (byte)((unit[3] & 0xF0) | Ntsc);
                    break;
                case Extension when unit[0] >> 4 == SequenceExtension:
                    // progressive_sequence: a stream that has it set may not repeat fields.
                    unit[1] &= 0xF7;
                    break;
                case Group:
                    (shownBefore, pictures) = (shownBefore + pictures, 0);
                    break;
                case Picture:
                    // temporal_reference: the place of the picture in its group, as shown.
                    number = shownBefore + (unit[0] << 2 | unit[1] >> 6);
                    pictures++;
                    break;
                case Extension when unit[0] >> 4 == PictureCodingExtension:
                    Flag(unit, number);
                    break;
            }
        }
    }

    /// <summary>Three fields and two by turns, so that the parity of the next picture's first field changes after three.</summary>
    private static void Flag(Span<byte> extension, int number)
    {
        var topFirst = number % 4 is 0 or 3;
        var repeat = number % 2 == 0;
        extension[3] = (byte)((extension[3] & 0x7D) | (topFirst ? 0x80 : 0) | (repeat ? 0x02 : 0));
        // chroma_420_type and progressive_frame.
        extension[3] |= 0x01;
        extension[4] |= 0x80;
    }
}
