using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>Calls to one bucket: repeated where they broke, with errors in words.</summary>
/// <param name="foreign">Objects have any names, and others may have put some there: it is a place of delivery, not the farm's own.</param>
sealed class S3Bucket(
    S3StoreOptions options,
    TimeProvider time,
    Action<ClusterLog> log,
    bool foreign = false
) : IDisposable
{
    /// <summary>Metadata of every artifact. An answer without it is not about one: a proxy's page, or a stranger's object.</summary>
    public const string HashKey = "sha256";

    public S3StoreOptions Options => options;

    public AmazonS3Client Client { get; } = options.NewClient();

    public Transfers Transfers { get; } = new(options.Transfers, time, log);

    /// <exception cref="ArtifactException">There is one of that name with other content.</exception>
    public async Task<bool> IsThereAsync(StoredArtifact artifact, CancellationToken cancellation) =>
        await DescribeAsync(artifact.Name, cancellation) is { } there
        && (there == artifact ? true : throw Taken(artifact.Name));

    /// <summary>There is an object of that name with other content.</summary>
    public ArtifactException Taken(string name) =>
        foreign
            ? new BucketRefusedException(
                $"The output {new S3Address(options.Bucket, name)} exists already."
            )
            : new ArtifactException($"The artifact '{name}' exists already, with other content.");

    public Task<StoredArtifact?> DescribeAsync(string name, CancellationToken cancellation) =>
        RepeatAsync(
            $"To find '{name}' in {Place}",
            name,
            async (_, token) =>
            {
                try
                {
                    var answer = await Client.GetObjectMetadataAsync(
                        options.Bucket,
                        KeyOf(name),
                        token
                    );
                    if (string.IsNullOrEmpty(answer.ETag))
                    {
                        throw new BrokenTransferException(
                            "The answer is not a bucket's: it has no ETag."
                        );
                    }
                    return new StoredArtifact(
                        name,
                        answer.ContentLength,
                        foreign ? answer.Metadata[HashKey] ?? "" : HashOf(answer.Metadata, name)
                    );
                }
                catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }
            },
            cancellation
        );

    public static string HashOf(MetadataCollection metadata, string name) =>
        metadata[HashKey] is { } hash
            ? hash
            : throw new BrokenTransferException(
                $"What lies there as '{name}' was not stored by a farm: it has no SHA-256."
            );

    public string Place => $"the bucket {options.Bucket}";

    public string KeyOf(string name) =>
        $"{options.KeyPrefix}{(foreign ? name : ArtifactName.Require(name))}";

    public Task<T> RepeatAsync<T>(
        string what,
        string name,
        Func<TransferWatch, CancellationToken, Task<T>> call,
        CancellationToken cancellation
    ) =>
        Transfers.RepeatAsync(
            what,
            watch => CallAsync(watch, name, token => call(watch, token)),
            () => 0,
            cancellation
        );

    public Task<T> CallAsync<T>(
        TransferWatch watch,
        string name,
        Func<CancellationToken, Task<T>> call
    ) =>
        watch.NetworkAsync(
            async token =>
            {
                try
                {
                    return await call(token);
                }
                catch (AmazonServiceException error)
                {
                    throw ErrorOf(error, name);
                }
            },
            options.Transfers.AnswerLimit
        );

    /// <summary>An error that is final is an <see cref="ArtifactException"/>.</summary>
    Exception ErrorOf(AmazonServiceException error, string name) =>
        (error.StatusCode, error.ErrorCode) switch
        {
            (_, "NoSuchBucket") => new BucketRefusedException(
                $"There is no bucket {options.Bucket} at {options.Endpoint?.ToString() ?? "Amazon"}. Create it, or correct its name.",
                error
            ),
            (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, _) =>
                new BucketRefusedException(
                    $"{Place} refuses this node: {error.Message} Check the access key, the secret key and what they allow.",
                    error
                ),
            (HttpStatusCode.NotFound, _) => new ArtifactLostException(
                $"The artifact '{name}' is missing in {Place}.",
                error
            ),
            (_, "BadDigest") => new BrokenTransferException(error.Message, altered: true, error),
            _ => new BrokenTransferException(
                $"The bucket's server answers {(int)error.StatusCode} {error.ErrorCode}: {error.Message}",
                inner: error
            ),
        };

    public void Dispose() => Client.Dispose();
}
