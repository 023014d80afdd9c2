using System.Security.Cryptography;
using Amazon.S3;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>
/// MD5 of a part of a file. S3 takes it as Content-MD5 and refuses other bytes; servers that ignore the header give it
/// back as the part's ETag.
/// </summary>
sealed record PartDigest(byte[] Md5)
{
    public string Base64 => Convert.ToBase64String(Md5);

    public static async Task<PartDigest> OfAsync(
        string path,
        long from,
        long length,
        CancellationToken cancellation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        await using var file = FileCopy.OpenRead(path);
        file.Seek(from, SeekOrigin.Begin);
        var buffer = new byte[FileCopy.BufferSize];
        while (length > 0)
        {
            var wanted = (int)Math.Min(buffer.Length, length);
            await file.ReadExactlyAsync(buffer.AsMemory(0, wanted), cancellation);
            hash.AppendData(buffer, 0, wanted);
            length -= wanted;
        }
        return new(hash.GetHashAndReset());
    }

    /// <exception cref="BrokenTransferException">The server holds other bytes.</exception>
    public void Require(string? tag, ServerSideEncryptionMethod? encryption)
    {
        if (string.IsNullOrEmpty(tag))
        {
            throw new BrokenTransferException("The answer is not a bucket's: it has no ETag.");
        }
        // With a key of its own the server gives the hash of what it encrypted.
        var isOpen = encryption is null || encryption == ServerSideEncryptionMethod.AES256;
        var sent = Convert.ToHexStringLower(Md5);
        if (isOpen && !string.Equals(tag.Trim('"'), sent, StringComparison.OrdinalIgnoreCase))
        {
            throw new BrokenTransferException(
                "The bucket holds other bytes than were sent.",
                altered: true
            );
        }
    }
}
