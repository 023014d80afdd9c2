using Amazon.Runtime;
using Amazon.S3.Model;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>
/// Finished files in buckets. An object appears whole, with the file's SHA-256 as metadata, or not at all: an upload in
/// parts is shown only when it is complete.
/// </summary>
/// <param name="options">Of the server; each address names its own bucket.</param>
/// <exception cref="BucketRefusedException">From every method: the server has said no, and no further try will change that.</exception>
/// <exception cref="ArtifactException">From every method: it broke too often.</exception>
public sealed class S3Outputs(S3StoreOptions options, TimeProvider time, Action<ClusterLog> log)
{
    /// <summary>Length of the object, in bytes; null where there is none. Needs the right to list the bucket.</summary>
    public async Task<long?> FindAsync(S3Address address, CancellationToken cancellation)
    {
        using var bucket = Open(address);
        var request = new ListObjectsV2Request
        {
            BucketName = address.Bucket,
            Prefix = address.Key,
            // Of all that begin so, the shortest comes first.
            MaxKeys = 1,
        };
        var page = await bucket.RepeatAsync(
            $"To find {address}",
            address.Key,
            (_, token) => bucket.Client.ListObjectsV2Async(request, token),
            cancellation
        );
        return (page.S3Objects ?? []).Find(found => found.Key == address.Key)?.Size;
    }

    /// <summary>Whether the object is the file of that length and SHA-256.</summary>
    public async Task<bool> HoldsAsync(
        S3Address address,
        long length,
        string sha256,
        CancellationToken cancellation
    )
    {
        using var bucket = Open(address);
        return await bucket.DescribeAsync(address.Key, cancellation)
            == new StoredArtifact(address.Key, length, sha256);
    }

    /// <summary>
    /// Brings the file there, each part checked by its MD5, and looks whether it arrived. What earlier tries have left in
    /// parts is given up first.
    /// </summary>
    /// <param name="length">Of the file, like <paramref name="sha256"/>.</param>
    /// <param name="overwrite">Another object of that name is replaced; otherwise it is refused, also where it comes there meanwhile, if the server knows conditional writes.</param>
    public async Task PutAsync(
        S3Address address,
        string path,
        long length,
        string sha256,
        bool overwrite,
        CancellationToken cancellation
    )
    {
        var artifact = new StoredArtifact(address.Key, length, sha256);
        using var bucket = Open(address);
        if (await bucket.DescribeAsync(address.Key, cancellation) is { } there)
        {
            if (there == artifact)
            {
                return;
            }
            if (!overwrite)
            {
                throw bucket.Taken(address.Key);
            }
        }
        await GiveUpAsync(bucket, address, cancellation);
        await new S3Upload(bucket, onlyNew: !overwrite).PutPartsAsync(artifact, path, cancellation);
        if (!await bucket.IsThereAsync(artifact, cancellation))
        {
            throw new ArtifactException($"{address} was uploaded, and is not there.");
        }
    }

    /// <summary>Uploads in parts that a killed process has left: nobody sees them, but they cost money.</summary>
    private static Task GiveUpAsync(
        S3Bucket bucket,
        S3Address address,
        CancellationToken cancellation
    ) =>
        bucket.RepeatAsync(
            $"To store {address}",
            address.Key,
            async (_, token) =>
            {
                try
                {
                    var request = new ListMultipartUploadsRequest
                    {
                        BucketName = address.Bucket,
                        Prefix = address.Key,
                    };
                    var open = await bucket.Client.ListMultipartUploadsAsync(request, token);
                    foreach (
                        var upload in (open.MultipartUploads ?? []).Where(one =>
                            one.Key == address.Key
                        )
                    )
                    {
                        await bucket.Client.AbortMultipartUploadAsync(
                            address.Bucket,
                            address.Key,
                            upload.UploadId,
                            token
                        );
                    }
                }
                catch (AmazonServiceException)
                {
                    // Not every server lists them, and not every user may. A rule of the bucket can sweep them.
                }
                return true;
            },
            cancellation
        );

    private S3Bucket Open(S3Address address) =>
        new(options with { Bucket = address.Bucket, Folder = "" }, time, log, foreign: true);
}
