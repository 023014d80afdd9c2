using System.Net;
using Amazon.S3.Model;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A bucket of Amazon S3 or of a server that speaks its language. An object is there whole or not at all.</summary>
public sealed class S3Store : IArtifactStore, IDisposable
{
    readonly S3Bucket _bucket;

    public S3Store(S3StoreOptions options, TimeProvider time, Action<ClusterLog> log) =>
        _bucket = new(options, time, log);

    public async Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation)
    {
        ArtifactName.Require(artifact.Name);
        if (await _bucket.IsThereAsync(artifact, cancellation))
        {
            return;
        }
        if (!await ContentHash.FitsAsync(artifact, path, cancellation))
        {
            throw new ArtifactException(
                $"The file for the artifact '{artifact.Name}' is not what its length and SHA-256 say: {path}."
            );
        }
        await new S3Upload(_bucket).RunAsync(artifact, path, cancellation);
    }

    public async Task<long?> FindAsync(string name, CancellationToken cancellation) =>
        (await _bucket.DescribeAsync(name, cancellation))?.Length;

    public Task<string> FetchAsync(
        StoredArtifact artifact,
        string copy,
        CancellationToken cancellation
    ) =>
        Download.RunAsync(
            artifact,
            copy,
            _bucket.Place,
            _bucket.Transfers,
            (offset, watch) => OpenAsync(artifact, offset, watch),
            cancellation
        );

    async Task<Stream> OpenAsync(StoredArtifact artifact, long offset, TransferWatch watch)
    {
        var request = new GetObjectRequest
        {
            BucketName = _bucket.Options.Bucket,
            Key = _bucket.KeyOf(artifact.Name),
            ByteRange = new ByteRange(offset, artifact.Length - 1),
        };
        var answer = await _bucket.CallAsync(
            watch,
            artifact.Name,
            token => _bucket.Client.GetObjectAsync(request, token)
        );
        try
        {
            if (S3Bucket.HashOf(answer.Metadata, artifact.Name) != artifact.Sha256)
            {
                throw new ArtifactLostException(
                    $"The artifact '{artifact.Name}' in {_bucket.Place} is another one: its SHA-256 differs."
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
        _bucket.RepeatAsync(
            $"To delete '{name}' in {_bucket.Place}",
            name,
            async (_, token) =>
            {
                var answer = await _bucket.Client.DeleteObjectAsync(
                    _bucket.Options.Bucket,
                    _bucket.KeyOf(name),
                    token
                );
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
            BucketName = _bucket.Options.Bucket,
            Prefix = $"{_bucket.Options.KeyPrefix}{prefix}",
        };
        do
        {
            var page = await _bucket.RepeatAsync(
                $"To list '{prefix}' in {_bucket.Place}",
                prefix,
                (_, token) => _bucket.Client.ListObjectsV2Async(request, token),
                cancellation
            );
            names.AddRange(
                (page.S3Objects ?? []).Select(found =>
                    found.Key[_bucket.Options.KeyPrefix.Length..]
                )
            );
            request.ContinuationToken = page.NextContinuationToken;
        } while (request.ContinuationToken is not null);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>Looks whether the bucket answers, and lets itself be read.</summary>
    /// <exception cref="ArtifactException">It does not.</exception>
    public Task RequireAsync(CancellationToken cancellation) =>
        _bucket.RepeatAsync(
            $"To look into {_bucket.Place}",
            "",
            (_, token) =>
                _bucket.Client.ListObjectsV2Async(
                    new ListObjectsV2Request
                    {
                        BucketName = _bucket.Options.Bucket,
                        Prefix = _bucket.Options.KeyPrefix,
                        MaxKeys = 1,
                    },
                    token
                ),
            cancellation
        );

    public void Dispose() => _bucket.Dispose();
}
