namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A copy that grows under a temporary name and gets its own only when it is proven.</summary>
sealed class Download(StoredArtifact artifact, string copy)
{
    readonly string _part = $"{copy}{ArtifactName.Unfinished}";

    /// <summary>Fetches an artifact, unless its copy is here and whole already.</summary>
    /// <param name="place">Where from: "http://10.0.0.5:8080".</param>
    /// <param name="open">The artifact's bytes from an offset on, to their end.</param>
    /// <exception cref="ArtifactException">It broke too often, or the store says something final.</exception>
    public static async Task<string> RunAsync(
        StoredArtifact artifact,
        string copy,
        string place,
        Transfers transfers,
        Func<long, TransferWatch, Task<Stream>> open,
        CancellationToken cancellation
    )
    {
        var download = new Download(artifact, copy);
        return await ContentHash.FitsAsync(artifact, copy, cancellation)
            ? copy
            : await transfers.RepeatAsync(
                $"To fetch '{artifact.Name}' from {place}",
                watch =>
                    download.FillAsync(
                        offset => open(offset, watch),
                        watch,
                        transfers.Options.StallLimit
                    ),
                () => download.Held,
                cancellation
            );
    }

    /// <summary>Bytes that are here already.</summary>
    long Held => new FileInfo(_part) is { Exists: true } file ? file.Length : 0;

    /// <exception cref="BrokenTransferException">Cut, altered, or nothing moves.</exception>
    async Task<string> FillAsync(
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
