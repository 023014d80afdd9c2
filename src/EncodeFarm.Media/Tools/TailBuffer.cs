using System.Text;

namespace EncodeFarm.Media.Tools;

/// <summary>Keeps the last bytes of a stream of text.</summary>
internal sealed class TailBuffer(int capacity)
{
    private readonly byte[] ring = new byte[capacity];
    private long written;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        written += Math.Max(0, bytes.Length - capacity);
        if (bytes.Length > capacity)
            bytes = bytes[^capacity..];
        var position = (int)(written % capacity);
        var first = Math.Min(bytes.Length, capacity - position);
        bytes[..first].CopyTo(ring.AsSpan(position));
        bytes[first..].CopyTo(ring);
        written += bytes.Length;
    }

    /// <summary>The text, from the start of a line where something was dropped before it.</summary>
    public override string ToString()
    {
        if (written <= capacity)
            return Encoding.UTF8.GetString(ring, 0, (int)written);
        var position = (int)(written % capacity);
        byte[] ordered = [.. ring.AsSpan(position), .. ring.AsSpan(0, position)];
        var lineEnd = Array.IndexOf(ordered, (byte)'\n');
        return Encoding.UTF8.GetString(ordered.AsSpan(lineEnd + 1));
    }
}
