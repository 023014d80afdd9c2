using System.Buffers;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// The open bitstream units (OBUs) of one AV1 temporal unit, as IVF holds it: each with a header and its length
/// (AV1 specification, 5.3).
/// </summary>
internal static class Av1Obus
{
    private const int SequenceHeaderType = 1;
    private const int TemporalDelimiterType = 2;

    /// <summary>
    /// The unit without its temporal delimiters, which Matroska and MP4 leave out: the bytes that stay the same in every container.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are not a row of OBUs with lengths.</exception>
    public static void WriteStored(ReadOnlySpan<byte> unit, IBufferWriter<byte> stored)
    {
        while (Next(ref unit, out var type, out var obu))
        {
            if (type != TemporalDelimiterType)
            {
                stored.Write(obu);
            }
        }
    }

    /// <summary>The first sequence header with its OBU header, or nothing.</summary>
    /// <inheritdoc cref="WriteStored" path="/exception"/>
    public static ReadOnlySpan<byte> SequenceHeader(ReadOnlySpan<byte> unit)
    {
        while (Next(ref unit, out var type, out var obu))
        {
            if (type == SequenceHeaderType)
            {
                return obu;
            }
        }
        return [];
    }

    private static bool Next(
        scoped ref ReadOnlySpan<byte> rest,
        out int type,
        out ReadOnlySpan<byte> obu
    )
    {
        type = 0;
        obu = [];
        if (rest.IsEmpty)
        {
            return false;
        }
        var header = rest[0];
        type = (header >> 3) & 0xF;
        var hasExtension = (header & 4) != 0;
        var hasSize = (header & 2) != 0;
        if ((header & 0x80) != 0 || !hasSize)
        {
            throw new InvalidDataException("a unit without a length");
        }
        var offset = hasExtension ? 2 : 1;
        var payload = ReadLength(rest, ref offset);
        if (payload > rest.Length - offset)
        {
            throw new InvalidDataException("a unit that is cut short");
        }
        obu = rest[..(offset + (int)payload)];
        rest = rest[obu.Length..];
        return true;
    }

    /// <summary>leb128: seven bits a byte, lowest first.</summary>
    private static long ReadLength(ReadOnlySpan<byte> bytes, ref int offset)
    {
        var value = 0L;
        for (var shift = 0; shift < 56 && offset < bytes.Length; shift += 7)
        {
            var next = bytes[offset++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw new InvalidDataException("a unit with an endless length");
    }
}
