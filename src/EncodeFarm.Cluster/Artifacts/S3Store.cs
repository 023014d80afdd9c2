using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A bucket of Amazon S3 or of a server that speaks its language. An object is there whole or not at all.</summary>
public sealed class S3Store : IArtifactStore, IDisposable
{
    /// <summary>Metadata of every artifact. An answer without it is not about one: a proxy's page, or a stranger's object.</summary>
    const string HashKey = "sha256";

    readonly S3StoreOptions _options;
    readonly AmazonS3Client _client;
    readonly Transfers _transfers;

    public S3Store(S3StoreOptions options, TimeProvider time, Action<ClusterLog> log)
    {
        _options = options;
        _client = options.NewClient();
        _transfers = new(options.Transfers, time, log);
    }

    public async Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation)
    {
        ArtifactName.Require(artifact.Name);
        if (await IsThereAsync(artifact, cancellation))
        {
            return;
        }
        if (!await ContentHash.FitsAsync(artifact, path, cancellation))
        {
            throw new ArtifactException(
                $"The file for the artifact '{artifact.Name}' is not what its length and SHA-256 say: {path}."
            );
        }
        await (
            artifact.Length <= _options.PartSize
                ? PutWholeAsync(artifact, path, cancellation)
                : PutPartsAsync(artifact, path, cancellation)
        );
    }

    /// <exception cref="ArtifactException">There is one of that name with other content.</exception>
    async Task<bool> IsThereAsync(StoredArtifact artifact, CancellationToken cancellation) =>
        await DescribeAsync(artifact.Name, cancellation) is { } there
        && (
            there == artifact
                ? true
                : throw new ArtifactException(
                    $"The artifact '{artifact.Name}' exists already, with other content."
                )
        );

    Task PutWholeAsync(StoredArtifact artifact, string path, CancellationToken cancellation) =>
        RepeatAsync(
            $"To store '{artifact.Name}' in {Place}",
            artifact.Name,
            async (watch, token) =>
            {
                await using var file = FileCopy.OpenRead(path);
                var digest = await PartDigest.OfAsync(path, 0, artifact.Length, watch.Caller);
                var request = new PutObjectRequest
                {
                    BucketName = _options.Bucket,
                    Key = KeyOf(artifact.Name),
                    InputStream = file,
                    AutoCloseStream = false,
                    MD5Digest = digest.Base64,
                    UseChunkEncoding = false,
                    StreamTransferProgress = (_, moved) => Moved(watch, moved),
                };
                request.Metadata[HashKey] = artifact.Sha256;
                var answer = await _client.PutObjectAsync(request, token);
                try
                {
                    digest.Require(answer.ETag, answer.ServerSideEncryptionMethod);
                }
                catch (BrokenTransferException)
                {
                    // It lies there under the hash of what was sent; nobody shall take it for that.
                    await _client.DeleteObjectAsync(_options.Bucket, request.Key, token);
                    throw;
                }
                return true;
            },
            cancellation
        );

    async Task PutPartsAsync(StoredArtifact artifact, string path, CancellationToken cancellation)
    {
        var what = $"To store '{artifact.Name}' in {Place}";
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = _options.Bucket,
            Key = KeyOf(artifact.Name),
        };
        begin.Metadata[HashKey] = artifact.Sha256;
        var upload = await RepeatAsync(
            what,
            artifact.Name,
            async (_, token) => (await _client.InitiateMultipartUploadAsync(begin, token)).UploadId,
            cancellation
        );
        try
        {
            var parts = new List<PartETag>();
            for (var from = 0L; from < artifact.Length; from += _options.PartSize)
            {
                var part = new UploadPartRequest
                {
                    BucketName = _options.Bucket,
                    Key = KeyOf(artifact.Name),
                    UploadId = upload,
                    PartNumber = parts.Count + 1,
                    FilePath = path,
                    FilePosition = from,
                    PartSize = Math.Min(_options.PartSize, artifact.Length - from),
                    UseChunkEncoding = false,
                };
                parts.Add(
                    await RepeatAsync(
                        what,
                        artifact.Name,
                        (watch, token) => PutPartAsync(part, watch, token),
                        cancellation
                    )
                );
            }
            await CompleteAsync(artifact, upload, parts, cancellation);
        }
        catch
        {
            await AbandonAsync(artifact, upload);
            throw;
        }
    }

    async Task<PartETag> PutPartAsync(
        UploadPartRequest part,
        TransferWatch watch,
        CancellationToken token
    )
    {
        var digest = await PartDigest.OfAsync(
            part.FilePath,
            part.FilePosition!.Value,
            part.PartSize!.Value,
            watch.Caller
        );
        part.MD5Digest = digest.Base64;
        part.StreamTransferProgress = (_, moved) => Moved(watch, moved);
        var answer = await _client.UploadPartAsync(part, token);
        digest.Require(answer.ETag, answer.ServerSideEncryptionMethod);
        return new PartETag(part.PartNumber!.Value, answer.ETag);
    }

    Task CompleteAsync(
        StoredArtifact artifact,
        string upload,
        List<PartETag> parts,
        CancellationToken cancellation
    ) =>
        RepeatAsync(
            $"To store '{artifact.Name}' in {Place}",
            artifact.Name,
            async (watch, token) =>
            {
                try
                {
                    await _client.CompleteMultipartUploadAsync(
                        new CompleteMultipartUploadRequest
                        {
                            BucketName = _options.Bucket,
                            Key = KeyOf(artifact.Name),
                            UploadId = upload,
                            PartETags = parts,
                        },
                        token
                    );
                }
                // The answer to an earlier try may have been lost.
                catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchUpload") { }
                return await IsThereAsync(artifact, watch.Caller)
                    ? true
                    : throw new BrokenTransferException("The parts were not put together.");
            },
            cancellation
        );

    /// <summary>Parts that nobody puts together cost money until they are deleted.</summary>
    async Task AbandonAsync(StoredArtifact artifact, string upload)
    {
        try
        {
            using var limit = new CancellationTokenSource(_options.Transfers.StallLimit);
            await _client.AbortMultipartUploadAsync(
                _options.Bucket,
                KeyOf(artifact.Name),
                upload,
                limit.Token
            );
        }
        // The first error is the one to tell.
        catch (Exception error)
            when (error
                    is AmazonClientException
                        or HttpRequestException
                        or OperationCanceledException
            ) { }
    }

    void Moved(TransferWatch watch, StreamTransferProgressArgs moved) =>
        watch.Expect(
            moved.TransferredBytes < moved.TotalBytes
                ? _options.Transfers.StallLimit
                : _options.Transfers.AnswerLimit
        );

    public async Task<long?> FindAsync(string name, CancellationToken cancellation) =>
        (await DescribeAsync(name, cancellation))?.Length;

    Task<StoredArtifact?> DescribeAsync(string name, CancellationToken cancellation) =>
        RepeatAsync(
            $"To find '{name}' in {Place}",
            name,
            async (_, token) =>
            {
                try
                {
                    var answer = await _client.GetObjectMetadataAsync(
                        _options.Bucket,
                        KeyOf(name),
                        token
                    );
                    return new StoredArtifact(
                        name,
                        answer.ContentLength,
                        HashOf(answer.Metadata, name)
                    );
                }
                catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }
            },
            cancellation
        );

    static string HashOf(MetadataCollection metadata, string name) =>
        metadata[HashKey] is { } hash
            ? hash
            : throw new BrokenTransferException(
                $"What lies there as '{name}' was not stored by a farm: it has no SHA-256."
            );

    public async Task<string> FetchAsync(
        StoredArtifact artifact,
        string copy,
        CancellationToken cancellation
    )
    {
        var download = new Download(artifact, copy);
        return await download.IsDoneAsync(cancellation)
            ? copy
            : await _transfers.RepeatAsync(
                $"To fetch '{artifact.Name}' from {Place}",
                watch =>
                    download.FillAsync(
                        offset => OpenAsync(artifact, offset, watch),
                        watch,
                        _options.Transfers.StallLimit
                    ),
                () => download.Held,
                cancellation
            );
    }

    async Task<Stream> OpenAsync(StoredArtifact artifact, long offset, TransferWatch watch)
    {
        var request = new GetObjectRequest
        {
            BucketName = _options.Bucket,
            Key = KeyOf(artifact.Name),
            ByteRange = new ByteRange(offset, artifact.Length - 1),
        };
        var answer = await CallAsync(
            watch,
            artifact.Name,
            token => _client.GetObjectAsync(request, token)
        );
        try
        {
            if (HashOf(answer.Metadata, artifact.Name) != artifact.Sha256)
            {
                throw new ArtifactLostException(
                    $"The artifact '{artifact.Name}' in {Place} is another one: its SHA-256 differs."
                );
            }
            return answer.ContentLength == artifact.Length - offset
                ? answer.ResponseStream
                : throw new BrokenTransferException(
                    $"The bucket sends {answer.ContentLength} bytes instead of {artifact.Length - offset}."
                );
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) =>
        RepeatAsync(
            $"To delete '{name}' in {Place}",
            name,
            async (_, token) =>
            {
                var answer = await _client.DeleteObjectAsync(_options.Bucket, KeyOf(name), token);
                return answer.HttpStatusCode is HttpStatusCode.NoContent
                    ? true
                    : throw new BrokenTransferException(
                        $"The answer ({(int)answer.HttpStatusCode}) is not a bucket's."
                    );
            },
            cancellation
        );

    public async Task<IReadOnlyList<string>> ListAsync(
        string prefix,
        CancellationToken cancellation
    )
    {
        var names = new List<string>();
        var request = new ListObjectsV2Request
        {
            BucketName = _options.Bucket,
            Prefix = $"{_options.KeyPrefix}{prefix}",
        };
        do
        {
            var page = await RepeatAsync(
                $"To list '{prefix}' in {Place}",
                prefix,
                (_, token) => _client.ListObjectsV2Async(request, token),
                cancellation
            );
            names.AddRange(
                (page.S3Objects ?? []).Select(found => found.Key[_options.KeyPrefix.Length..])
            );
            request.ContinuationToken = page.NextContinuationToken;
        } while (request.ContinuationToken is not null);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    string Place => $"the bucket {_options.Bucket}";

    string KeyOf(string name) => $"{_options.KeyPrefix}{ArtifactName.Require(name)}";

    Task<T> RepeatAsync<T>(
        string what,
        string name,
        Func<TransferWatch, CancellationToken, Task<T>> call,
        CancellationToken cancellation
    ) =>
        _transfers.RepeatAsync(
            what,
            watch => CallAsync(watch, name, token => call(watch, token)),
            () => 0,
            cancellation
        );

    Task<T> CallAsync<T>(TransferWatch watch, string name, Func<CancellationToken, Task<T>> call) =>
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
            _options.Transfers.AnswerLimit
        );

    /// <summary>An error that is final is an <see cref="ArtifactException"/>.</summary>
    Exception ErrorOf(AmazonServiceException error, string name) =>
        (error.StatusCode, error.ErrorCode) switch
        {
            (_, "NoSuchBucket") => new ArtifactException(
                $"There is no bucket {_options.Bucket} at {_options.Endpoint?.ToString() ?? "Amazon"}. Create it, or correct its name.",
                error
            ),
            (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, _) => new ArtifactException(
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

    public void Dispose() => _client.Dispose();
}
