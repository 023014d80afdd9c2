using System.Buffers;
using System.Buffers.Binary;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// The coded pictures (access units) of an H.264 or H.265 byte stream, one field or slice after the other in its
/// order of decoding (H.264, 7.4.1.2.3; H.265, 7.4.2.4.4).
/// </summary>
/// <remarks>
/// Delimiters and filling are left out: Matroska and MP4 do without. All other units stay, also the parameter sets of
/// every keyframe, so that a packet's bytes are the same in all of them.
/// </remarks>
internal sealed class AccessUnits(Stream stream, VideoCodec codec)
{
    private static ReadOnlySpan<byte> StartCode => [0, 0, 0, 1];

    private readonly AnnexBReader _reader = new(stream);
    private readonly ArrayBufferWriter<byte> _stored = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly ArrayBufferWriter<byte> _parameterSets = new();
    private ReadOnlyMemory<byte> _next;
    private bool _hasNext;

    /// <summary>The picture as containers store it: each unit behind its length in four bytes.</summary>
    public ReadOnlySpan<byte> Stored => _stored.WrittenSpan;

    /// <summary>The picture as a byte stream: each unit behind a start code.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Its parameter sets alone, one after the other; empty where it has none.</summary>
    public ReadOnlySpan<byte> ParameterSets => _parameterSets.WrittenSpan;

    public bool IsKeyframe { get; private set; }

    /// <summary>Goes on to the next picture.</summary>
    /// <exception cref="InvalidDataException">It is not a byte stream, or it ends without a picture.</exception>
    public bool MoveNext()
    {
        _stored.ResetWrittenCount();
        _bytes.ResetWrittenCount();
        _parameterSets.ResetWrittenCount();
        IsKeyframe = false;
        var hasPicture = false;
        while (_hasNext || _reader.TryRead(out _next))
        {
            var unit = _next.Span;
            _hasNext = hasPicture && Begins(unit);
            if (_hasNext)
            {
                return true;
            }
            hasPicture |= IsPicture(unit);
            Add(unit);
        }
        if (!hasPicture && _stored.WrittenCount > 0)
        {
            throw new InvalidDataException("it ends in the middle of a frame");
        }
        return hasPicture;
    }

    private void Add(ReadOnlySpan<byte> unit)
    {
        var type = TypeOf(unit);
        if (codec == VideoCodec.H264 ? type is 9 or 12 : type is 35 or 38)
        {
            return;
        }
        BinaryPrimitives.WriteInt32BigEndian(_stored.GetSpan(sizeof(int)), unit.Length);
        _stored.Advance(sizeof(int));
        _stored.Write(unit);
        _bytes.Write(StartCode);
        _bytes.Write(unit);
        if (codec == VideoCodec.H264 ? type is 7 or 8 : type is >= 32 and <= 34)
        {
            _parameterSets.Write(unit);
        }
        IsKeyframe |= IsPicture(unit) && AnnexB.IsKeyframe(type, codec);
    }

    /// <summary>True for what can't stand behind the slices of a picture, so that it belongs to the next one.</summary>
    private bool Begins(ReadOnlySpan<byte> unit)
    {
        var type = TypeOf(unit);
        var header = codec == VideoCodec.H264 ? 1 : 2;
        if (IsPicture(unit))
        {
            // H.264: the number of the first macroblock, where a single 1 means 0. H.265: a flag for the first slice.
            return unit.Length > header && (unit[header] & 0x80) != 0;
        }
        return codec == VideoCodec.H264
            ? type is (>= 6 and <= 9) or (>= 14 and <= 18)
            : type is (>= 32 and <= 35) or 39 or (>= 41 and <= 44) or (>= 48 and <= 55);
    }

    private bool IsPicture(ReadOnlySpan<byte> unit) => AnnexB.IsPicture(TypeOf(unit), codec);

    private int TypeOf(ReadOnlySpan<byte> unit) => AnnexB.TypeOf(unit[0], codec);
}
