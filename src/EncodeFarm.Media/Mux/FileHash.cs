using System.Security.Cryptography;

namespace EncodeFarm.Media.Mux;

/// <summary>SHA-256 of whole files.</summary>
public static class FileHash
{
    /// <returns>Lower-case hex.</returns>
    public static async Task<string> Sha256Async(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            bufferSize: 1 << 18,
            FileOptions.SequentialScan | FileOptions.Asynchronous
        );
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }
}
