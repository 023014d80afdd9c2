namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A copy that grows under a temporary name and gets its own only when it is proven.</summary>
sealed class Download(StoredArtifact artifact, string copy)
{
    readonly string _part = $"{copy}{ArtifactName.Unfinished}";

    /// <summary>Bytes that are here already.</summary>
    public long Held => new FileInfo(_part) is { Exists: true } file ? file.Length : 0;

    public Task<bool> IsDoneAsync(CancellationToken cancellation) =>
        ContentHash.FitsAsync(artifact, copy, cancellation);

    /// <param name="open">The artifact's bytes from an offset on, to their end.</param>
    /// <exception cref="BrokenTransferException">Cut, altered, or nothing moves.</exception>
    public async Task<string> FillAsync(
        Func<long, Task<Stream>> open,
        TransferWatch watch,
        TimeSpan stallLimit
    )
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(copy))!);
        if (Held > artifact.Length)
        {
            File.Delete(_part);
        }
        await using (var file = FileCopy.OpenAppend(_part))
        {
            if (file.Length < artifact.Length)
            {
                await using var source = await open(file.Length);
                await PourAsync(source, file, watch, stallLimit);
            }
        }
        if (!await ContentHash.FitsAsync(artifact, _part, watch.Caller))
        {
            File.Delete(_part);
            throw new BrokenTransferException(
                "What arrived is not what its SHA-256 says.",
                altered: true
            );
        }
        File.Move(_part, copy, overwrite: true);
        return copy;
    }

    async Task PourAsync(Stream source, FileStream file, TransferWatch watch, TimeSpan stallLimit)
    {
        var buffer = new byte[FileCopy.BufferSize];
        while (file.Position < artifact.Length)
        {
            var wanted = (int)Math.Min(buffer.Length, artifact.Length - file.Position);
            var read = await watch.NetworkAsync(
                token => source.ReadAsync(buffer.AsMemory(0, wanted), token).AsTask(),
                stallLimit
            );
            if (read == 0)
            {
                throw new BrokenTransferException(
                    $"The connection ended after {file.Position} of {artifact.Length} bytes."
                );
            }
            await file.WriteAsync(buffer.AsMemory(0, read), watch.Caller);
        }
    }
}
