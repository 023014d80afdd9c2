namespace EncodeFarm.Media.Encode;

/// <summary>What an AV1 stream says of itself (AV1 specification, 5.5).</summary>
/// <param name="Profile">0 Main, 1 High, 2 Professional.</param>
/// <param name="Primaries">Code point of ITU-T H.273, as the next two; 2 means unspecified.</param>
public readonly record struct Av1SequenceHeader(
    int Profile,
    int BitDepth,
    int Width,
    int Height,
    int Primaries,
    int Transfer,
    int Matrix
);

/// <summary>Reads as much of AV1's open bitstream units as it takes to know what a stream is.</summary>
public static class Av1Headers
{
    private const int SequenceHeaderObu = 1;
    private const int FrameHeaderObu = 3;
    private const int FrameObu = 6;
    private const int Unspecified = 2;
    private const int KeyFrame = 0;

    /// <summary>
    /// Looks at the first temporal unit of a stream: the sequence header, and whether the first frame is a keyframe.
    /// </summary>
    /// <returns>False where the unit has no sequence header, no frame, or is damaged.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> unit,
        out Av1SequenceHeader header,
        out bool keyframe
    )
    {
        header = default;
        keyframe = false;
        var found = false;
        while (!unit.IsEmpty)
        {
            if (!TryNextObu(ref unit, out var type, out var payload))
            {
                return false;
            }
            if (type == SequenceHeaderObu)
            {
                found = TryReadSequence(payload, out header);
            }
            else if (type is FrameHeaderObu or FrameObu)
            {
                var bits = new BitReader(payload);
                keyframe = !bits.Flag() && bits.Read(2) == KeyFrame && !bits.Overrun;
                return found;
            }
        }
        return false;
    }

    private static bool TryNextObu(
        ref ReadOnlySpan<byte> unit,
        out int type,
        out ReadOnlySpan<byte> payload
    )
    {
        type = unit[0] >> 3 & 15;
        var hasExtension = (unit[0] & 4) != 0;
        var hasSize = (unit[0] & 2) != 0;
        var rest = unit[Math.Min(hasExtension ? 2 : 1, unit.Length)..];
        payload = default;
        var length = (ulong)rest.Length;
        if (hasSize && !TryReadLeb128(ref rest, out length) || length > (ulong)rest.Length)
        {
            return false;
        }
        payload = rest[..(int)length];
        unit = rest[(int)length..];
        return true;
    }

    private static bool TryReadLeb128(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < 8 && i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 127) << (i * 7);
            if (bytes[i] < 128)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }
        return false;
    }

    private static bool TryReadSequence(ReadOnlySpan<byte> payload, out Av1SequenceHeader header)
    {
        var bits = new BitReader(payload);
        var profile = bits.Read(3);
        bits.Skip(1); // still_picture
        var reduced = bits.Flag();
        if (reduced)
        {
            bits.Skip(5); // level
        }
        else
        {
            SkipOperatingPoints(ref bits);
        }
        var widthBits = bits.Read(4) + 1;
        var heightBits = bits.Read(4) + 1;
        var width = bits.Read(widthBits) + 1;
        var height = bits.Read(heightBits) + 1;
        SkipTools(ref bits, reduced);
        var bitDepth =
            !bits.Flag() ? 8
            : profile == 2 && bits.Flag() ? 12
            : 10;
        if (profile != 1)
        {
            bits.Skip(1); // mono_chrome
        }
        var described = bits.Flag();
        header = new Av1SequenceHeader(
            profile,
            bitDepth,
            width,
            height,
            described ? bits.Read(8) : Unspecified,
            described ? bits.Read(8) : Unspecified,
            described ? bits.Read(8) : Unspecified
        );
        return !bits.Overrun;
    }

    /// <summary>From timing_info_present_flag to the end of the operating points.</summary>
    private static void SkipOperatingPoints(ref BitReader bits)
    {
        var decoderModel = false;
        var delayBits = 0;
        if (bits.Flag())
        {
            bits.Skip(64); // num_units_in_display_tick, time_scale
            if (bits.Flag())
            {
                bits.SkipUvlc();
            }
            decoderModel = bits.Flag();
            if (decoderModel)
            {
                delayBits = bits.Read(5) + 1;
                bits.Skip(32 + 5 + 5);
            }
        }
        var displayDelay = bits.Flag();
        for (var points = bits.Read(5) + 1; points > 0; points--)
        {
            bits.Skip(12);
            if (bits.Read(5) > 7)
            {
                bits.Skip(1); // tier
            }
            if (decoderModel && bits.Flag())
            {
                bits.Skip(2 * delayBits + 1);
            }
            if (displayDelay && bits.Flag())
            {
                bits.Skip(4);
            }
        }
    }

    /// <summary>From frame_id_numbers_present_flag to enable_restoration.</summary>
    private static void SkipTools(ref BitReader bits, bool reduced)
    {
        if (!reduced && bits.Flag())
        {
            bits.Skip(4 + 3);
        }
        bits.Skip(3); // superblock size, filter intra, intra edge filter
        if (!reduced)
        {
            bits.Skip(4); // interintra, masked, warped, dual filter
            var orderHint = bits.Flag();
            bits.Skip(orderHint ? 2 : 0);
            var screenContent = bits.Flag() || bits.Flag();
            if (screenContent && !bits.Flag())
            {
                bits.Skip(1);
            }
            bits.Skip(orderHint ? 3 : 0);
        }
        bits.Skip(3); // superres, cdef, restoration
    }
}
