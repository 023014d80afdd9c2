using System.Buffers.Binary;
using System.Text;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Encode;

/// <summary>
/// The 32 bytes in front of an IVF file, little endian: "DKIF", version, header length, four letters of the codec,
/// width, height, time base (rate before scale), number of frames, unused.
/// </summary>
/// <param name="FourCc">"AV01", "VP90".</param>
/// <param name="RateNumerator">Ticks of the timestamps are denominator/numerator seconds.</param>
/// <param name="Frames">As the writer claims; count the frames to be sure.</param>
public readonly record struct IvfHeader(
    string FourCc,
    int Width,
    int Height,
    uint RateNumerator,
    uint RateDenominator,
    uint Frames
)
{
    public const int Length = 32;

    /// <exception cref="FarmException">The bytes are not an IVF header.</exception>
    public static IvfHeader Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < Length || !bytes.StartsWith("DKIF"u8))
        {
            throw new FarmException(FarmError.ToolFailed, $"{name} is not an IVF stream.");
        }
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) != Length)
        {
            throw new FarmException(FarmError.ToolFailed, $"{name} has an unknown IVF header.");
        }
        return new IvfHeader(
            Encoding.Latin1.GetString(bytes[8..12]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..])
        );
    }

    /// <summary>Fills the first 32 bytes of <paramref name="bytes"/>.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..Length].Clear();
        "DKIF"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], Length);
        Encoding.Latin1.GetBytes(FourCc.AsSpan(0, 4), bytes[8..]);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], (ushort)Width);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], (ushort)Height);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], RateNumerator);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], RateDenominator);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], Frames);
    }
}

/// <summary>One frame; <paramref name="Payload"/> is valid until the next one is read.</summary>
/// <param name="Pts">In ticks of the header's time base.</param>
public readonly record struct IvfFrame(ulong Pts, ReadOnlyMemory<byte> Payload);

/// <summary>Reads an IVF stream frame by frame into one buffer that is used again and again.</summary>
public sealed class IvfReader : IDisposable
{
    /// <summary>No encoded picture comes near it; a larger length means damaged data.</summary>
    private const uint LargestFrame = 1 << 28;
    private const int FrameHeader = 12;

    private readonly Stream _stream;
    private readonly string _name;
    private byte[] _buffer = new byte[1 << 16];

    /// <param name="stream">Is disposed with the reader.</param>
    /// <param name="name">How errors call the stream.</param>
    /// <exception cref="FarmException">The stream does not begin with an IVF header.</exception>
    public IvfReader(Stream stream, string name)
    {
        _stream = stream;
        _name = name;
        Span<byte> header = stackalloc byte[IvfHeader.Length];
        var length = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        Header = IvfHeader.Parse(header[..length], name);
    }

    public IvfHeader Header { get; }

    /// <summary>Frames read so far.</summary>
    public int Count { get; private set; }

    public static IvfReader Open(string path)
    {
        var stream = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            bufferSize: 1 << 16,
            FileOptions.SequentialScan
        );
        try
        {
            return new IvfReader(stream, Path.GetFileName(path));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>False at the end of the stream.</summary>
    /// <exception cref="FarmException">The stream ends inside a frame, or a frame's length is absurd.</exception>
    public bool TryRead(out IvfFrame frame)
    {
        frame = default;
        Span<byte> header = stackalloc byte[FrameHeader];
        var got = _stream.ReadAtLeast(header, FrameHeader, throwOnEndOfStream: false);
        if (got == 0)
        {
            return false;
        }
        if (got < FrameHeader)
        {
            throw Damaged("is cut short");
        }
        var size = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (size > LargestFrame)
        {
            throw Damaged("has an impossible length");
        }
        if (_stream.CanSeek && size > _stream.Length - _stream.Position)
        {
            throw Damaged("is cut short");
        }
        if (size > _buffer.Length)
        {
            _buffer = new byte[size + size / 2];
        }
        var payload = _buffer.AsSpan(0, (int)size);
        if (_stream.ReadAtLeast(payload, payload.Length, throwOnEndOfStream: false) < size)
        {
            throw Damaged("is cut short");
        }
        frame = new IvfFrame(
            BinaryPrimitives.ReadUInt64LittleEndian(header[4..]),
            _buffer.AsMemory(0, (int)size)
        );
        Count++;
        return true;
    }

    public void Dispose() => _stream.Dispose();

    private FarmException Damaged(string how) =>
        new(FarmError.ToolFailed, $"{_name} is damaged: frame {Count} {how}.");
}

/// <summary>Writes an IVF stream. The stream is the caller's: it is neither flushed nor disposed.</summary>
public sealed class IvfWriter(Stream stream)
{
    public void WriteHeader(IvfHeader header)
    {
        Span<byte> bytes = stackalloc byte[IvfHeader.Length];
        header.Write(bytes);
        stream.Write(bytes);
    }

    public void WriteFrame(ulong pts, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[4..], pts);
        stream.Write(header);
        stream.Write(payload);
    }
}
