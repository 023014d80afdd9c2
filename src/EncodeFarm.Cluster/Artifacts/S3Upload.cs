using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>Brings a file into a bucket, in parts where it is large; each part's digest is checked at both ends.</summary>
/// <param name="onlyNew">An object that has come there meanwhile is not replaced, where the server knows conditional writes (If-None-Match).</param>
sealed class S3Upload(S3Bucket bucket, bool onlyNew = false)
{
    /// <summary>What If-None-Match takes for any object at all.</summary>
    const string Anything = "*";

    bool _onlyNew = onlyNew;

    public Task RunAsync(StoredArtifact artifact, string path, CancellationToken cancellation) =>
        artifact.Length <= bucket.Options.PartSize
            ? PutWholeAsync(artifact, path, cancellation)
            : PutPartsAsync(artifact, path, cancellation);

    Task PutWholeAsync(StoredArtifact artifact, string path, CancellationToken cancellation) =>
        bucket.RepeatAsync(
            $"To store '{artifact.Name}' in {bucket.Place}",
            artifact.Name,
            async (watch, token) =>
            {
                await using var file = FileCopy.OpenRead(path);
                var digest = await PartDigest.OfAsync(path, 0, artifact.Length, watch.Caller);
                var request = new PutObjectRequest
                {
                    BucketName = bucket.Options.Bucket,
                    Key = bucket.KeyOf(artifact.Name),
                    InputStream = file,
                    AutoCloseStream = false,
                    MD5Digest = digest.Base64,
                    UseChunkEncoding = false,
                    StreamTransferProgress = (_, moved) => Moved(watch, moved),
                };
                request.Metadata[S3Bucket.HashKey] = artifact.Sha256;
                var answer = await bucket.Client.PutObjectAsync(request, token);
                try
                {
                    digest.Require(answer.ETag, answer.ServerSideEncryptionMethod);
                }
                catch (BrokenTransferException)
                {
                    // It lies there under the hash of what was sent; nobody shall take it for that.
                    await bucket.Client.DeleteObjectAsync(
                        bucket.Options.Bucket,
                        request.Key,
                        token
                    );
                    throw;
                }
                return true;
            },
            cancellation
        );

    /// <summary>
    /// In parts, however small it is: an object that is put in one piece may be seen in half on servers that are not Amazon's,
    /// when the sender dies.
    /// </summary>
    public async Task PutPartsAsync(
        StoredArtifact artifact,
        string path,
        CancellationToken cancellation
    )
    {
        var what = $"To store '{artifact.Name}' in {bucket.Place}";
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = bucket.Options.Bucket,
            Key = bucket.KeyOf(artifact.Name),
        };
        begin.Metadata[S3Bucket.HashKey] = artifact.Sha256;
        var upload = await bucket.RepeatAsync(
            what,
            artifact.Name,
            async (_, token) =>
                (await bucket.Client.InitiateMultipartUploadAsync(begin, token)).UploadId,
            cancellation
        );
        try
        {
            var parts = new List<PartETag>();
            for (var from = 0L; from < artifact.Length; from += bucket.Options.PartSize)
            {
                var part = new UploadPartRequest
                {
                    BucketName = bucket.Options.Bucket,
                    Key = bucket.KeyOf(artifact.Name),
                    UploadId = upload,
                    PartNumber = parts.Count + 1,
                    FilePath = path,
                    FilePosition = from,
                    PartSize = Math.Min(bucket.Options.PartSize, artifact.Length - from),
                    UseChunkEncoding = false,
                };
                parts.Add(
                    await bucket.RepeatAsync(
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
        var answer = await bucket.Client.UploadPartAsync(part, token);
        digest.Require(answer.ETag, answer.ServerSideEncryptionMethod);
        return new PartETag(part.PartNumber!.Value, answer.ETag);
    }

    Task CompleteAsync(
        StoredArtifact artifact,
        string upload,
        List<PartETag> parts,
        CancellationToken cancellation
    ) =>
        bucket.RepeatAsync(
            $"To store '{artifact.Name}' in {bucket.Place}",
            artifact.Name,
            async (watch, token) =>
            {
                try
                {
                    await bucket.Client.CompleteMultipartUploadAsync(
                        new CompleteMultipartUploadRequest
                        {
                            BucketName = bucket.Options.Bucket,
                            Key = bucket.KeyOf(artifact.Name),
                            UploadId = upload,
                            PartETags = parts,
                            IfNoneMatch = _onlyNew ? Anything : null,
                        },
                        token
                    );
                }
                catch (AmazonS3Exception error) when (_onlyNew && IsOfCondition(error))
                {
                    return await JudgeAsync(artifact, error, watch.Caller);
                }
                // The answer to an earlier try may have been lost.
                catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchUpload") { }
                return await bucket.IsThereAsync(artifact, watch.Caller)
                    ? true
                    : throw new BrokenTransferException("The parts were not put together.");
            },
            cancellation
        );

    static bool IsOfCondition(AmazonS3Exception error) =>
        error.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotImplemented;

    /// <summary>Something is there, perhaps from an earlier try whose answer got lost; or the server knows no conditions.</summary>
    /// <returns>True: it is the artifact.</returns>
    async Task<bool> JudgeAsync(
        StoredArtifact artifact,
        AmazonS3Exception error,
        CancellationToken cancellation
    )
    {
        if (error.StatusCode is HttpStatusCode.NotImplemented)
        {
            _onlyNew = false;
            throw new BrokenTransferException("The bucket's server knows no conditional writes.");
        }
        return await bucket.IsThereAsync(artifact, cancellation)
            ? true
            : throw new BrokenTransferException("Something was there, and is gone again.");
    }

    /// <summary>Parts that nobody puts together cost money until they are deleted.</summary>
    async Task AbandonAsync(StoredArtifact artifact, string upload)
    {
        try
        {
            using var limit = new CancellationTokenSource(bucket.Options.Transfers.StallLimit);
            await bucket.Client.AbortMultipartUploadAsync(
                bucket.Options.Bucket,
                bucket.KeyOf(artifact.Name),
                upload,
                limit.Token
            );
        }
        // The first error is the one to tell.
        catch (Exception error)
            when (error
                    is AmazonClientException
                        or AmazonServiceException
                        or HttpRequestException
                        or OperationCanceledException
            ) { }
    }

    void Moved(TransferWatch watch, StreamTransferProgressArgs moved) =>
        watch.Expect(
            moved.TransferredBytes < moved.TotalBytes
                ? bucket.Options.Transfers.StallLimit
                : bucket.Options.Transfers.AnswerLimit
        );
}
