using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EncodeFarm.Media.Mux;

/// <summary>Hashes of the frames' payloads as containers store them: each one's MD5, and SHA-256 over all.</summary>
internal sealed class PayloadLog(int frames) : IDisposable
{
    private readonly IncrementalHash _all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<UInt128> _hashes = new(frames);

    public IReadOnlyList<UInt128> Hashes => _hashes;

    public void Add(ReadOnlySpan<byte> payload)
    {
        Span<byte> md5 = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(payload, md5);
        _all.AppendData(payload);
        _hashes.Add(BinaryPrimitives.ReadUInt128BigEndian(md5));
    }

    /// <returns>SHA-256 of all payloads, lower-case hex.</returns>
    public string Finish() => Convert.ToHexStringLower(_all.GetHashAndReset());

    public void Dispose() => _all.Dispose();
}
