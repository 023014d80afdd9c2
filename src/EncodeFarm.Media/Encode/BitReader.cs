namespace EncodeFarm.Media.Encode;

/// <summary>Reads bits from the most significant one on. Beyond the end it gives zeros and sets <see cref="Overrun"/>.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private long _position;

    public readonly bool Overrun => _position > _bytes.Length * 8L;

    public bool Flag() => Read(1) == 1;

    public void Skip(int bits) => _position += bits;

    /// <param name="bits">0..31</param>
    public int Read(int bits)
    {
        var value = 0;
        for (; bits > 0; bits--, _position++)
        {
            var index = (int)(_position >> 3);
            var bit = index < _bytes.Length ? _bytes[index] >> (int)(7 - (_position & 7)) & 1 : 0;
            value = value << 1 | bit;
        }
        return value;
    }

    /// <summary>AV1's uvlc(): as many bits as there were zeros in front.</summary>
    public void SkipUvlc()
    {
        var zeros = 0;
        while (zeros < 32 && !Overrun && !Flag())
        {
            zeros++;
        }
        Skip(zeros);
    }
}
