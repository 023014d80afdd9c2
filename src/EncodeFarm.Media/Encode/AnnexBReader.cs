namespace EncodeFarm.Media.Encode;

/// <summary>Reads the units (NAL units, without their start codes) of an H.264 or H.265 byte stream, Annex B of both.</summary>
/// <remarks>Holds one unit and a block of the stream in memory, whatever the length of the stream.</remarks>
internal sealed class AnnexBReader(Stream stream)
{
    private const int BlockBytes = 1 << 17;
    private const int StartCodeBytes = 3;
    private static ReadOnlySpan<byte> StartCode => [0, 0, 1];

    private byte[] _buffer = new byte[2 * BlockBytes];
    private int _start;
    private int _end;
    private bool _begun;

    /// <param name="unit">Valid until the next call; never empty.</param>
    /// <returns>False at the end of the stream.</returns>
    /// <exception cref="InvalidDataException">The stream does not begin with a start code.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> unit)
    {
        if (!_begun)
        {
            Begin();
        }
        while (TryReadPossiblyEmpty(out unit))
        {
            if (!unit.IsEmpty)
            {
                return true;
            }
        }
        return false;
    }

    private void Begin()
    {
        _begun = true;
        var first = FindStartCode();
        if (_end > 0 && (first < 0 || _buffer.AsSpan(0, first).ContainsAnyExcept((byte)0)))
        {
            throw new InvalidDataException("it does not begin with a start code");
        }
        _start = first < 0 ? _end : first + StartCodeBytes;
    }

    private bool TryReadPossiblyEmpty(out ReadOnlyMemory<byte> unit)
    {
        if (_start == _end && !ReadBlock())
        {
            unit = default;
            return false;
        }
        var next = FindStartCode();
        var end = next < 0 ? _end : next;
        // No unit ends with a zero: those belong to the start code that follows.
        var content = _buffer.AsSpan(_start, end - _start).TrimEnd((byte)0);
        unit = _buffer.AsMemory(_start, content.Length);
        _start = next < 0 ? _end : next + StartCodeBytes;
        return true;
    }

    /// <returns>Its place in the buffer; -1 where the stream ends without one.</returns>
    private int FindStartCode()
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan((_start + searched).._end).IndexOf(StartCode);
            if (found >= 0)
            {
                return _start + searched + found;
            }
            // A start code may be cut by the end of the block.
            searched = Math.Max(0, _end - _start - (StartCodeBytes - 1));
            if (!ReadBlock())
            {
                return -1;
            }
        }
    }

    /// <summary>Keeps what is not yet taken, at the buffer's beginning.</summary>
    private bool ReadBlock()
    {
        var kept = _end - _start;
        if (_buffer.Length - kept < BlockBytes)
        {
            var larger = new byte[_buffer.Length * 2];
            _buffer.AsSpan(_start, kept).CopyTo(larger);
            _buffer = larger;
        }
        else
        {
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        }
        (_start, _end) = (0, kept);
        var read = stream.Read(_buffer, kept, BlockBytes);
        _end += read;
        return read > 0;
    }
}
