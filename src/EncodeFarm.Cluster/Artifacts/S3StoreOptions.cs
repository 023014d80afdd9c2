using Amazon.Runtime;
using Amazon.S3;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A bucket, which exists already.</summary>
/// <param name="Endpoint">Of a server that speaks S3 ("https://minio.lan:9000"); null for Amazon's own.</param>
/// <param name="Region">Amazon's region, or what the server calls its own ("us-east-1" where it has none).</param>
public sealed record S3StoreOptions(string Bucket, Uri? Endpoint, string Region)
{
    /// <summary>What the keys of the farm begin with ("farms/one"); empty for a bucket of its own.</summary>
    public string Folder { get; init; } = "";

    internal string KeyPrefix => Folder.Trim('/') is { Length: > 0 } folder ? $"{folder}/" : "";

    /// <summary>The bucket in the path and not in the host name, as servers other than Amazon's want it.</summary>
    public bool PathStyle { get; init; } = true;

    /// <summary>Null: from the places where Amazon's tools look (environment, profile, machine role).</summary>
    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    /// <summary>
    /// Bytes; larger artifacts are uploaded in parts of that size, each repeated for itself. 5 MiB (S3's least) to 5 GiB; S3 takes
    /// 10,000 parts, so 64 MiB are enough for 640 GB.
    /// </summary>
    public long PartSize { get; init; } = 64 << 20;

    public TransferOptions Transfers { get; init; } = new();

    internal AmazonS3Client NewClient()
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = PathStyle,
            AuthenticationRegion = Region,
            // Repetitions are ours; both together would multiply.
            MaxErrorRetry = 0,
            Timeout = Timeout.InfiniteTimeSpan,
            // Trailing checksums are newer than most servers that speak S3. The content is checked by MD5 on the way
            // there and by SHA-256 on the way back.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (Endpoint is null)
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(Region);
        }
        else
        {
            config.ServiceURL = Endpoint.AbsoluteUri;
        }
        return AccessKey is null
            ? new AmazonS3Client(config)
            : new AmazonS3Client(new BasicAWSCredentials(AccessKey, SecretKey), config);
    }
}
