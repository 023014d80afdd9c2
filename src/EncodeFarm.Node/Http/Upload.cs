using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Node.Http;

/// <summary>An artifact on its way, held by one request.</summary>
public sealed class Upload(StoredArtifact artifact, string path, Action<string> release)
    : IDisposable
{
    const int BufferSize = 256 * 1024;

    readonly CancellationTokenSource _giveWay = new();
    readonly TaskCompletionSource _released = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>Bytes that are here.</summary>
    public long Held => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>Asks the request that holds it to end, and waits until it has. One that is storing ends by itself.</summary>
    public Task GiveWayAsync(CancellationToken cancellation)
    {
        _giveWay.Cancel();
        return _released.Task.WaitAsync(cancellation);
    }

    /// <summary>Adds a request's bytes to the end. Those that came before a cut stay.</summary>
    public async Task TakeInAsync(Stream body, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            _giveWay.Token,
            cancellation
        );
        await using var file = new FileStream(
            path,
            FileMode.Append,
            FileAccess.Write,
            FileShare.Read,
            bufferSize: 0,
            useAsync: true
        );
        await body.CopyToAsync(file, BufferSize, either.Token);
    }

    /// <summary>Gives it to the store when it is whole and what it shall be; otherwise it begins anew. Goes on when the sender is gone.</summary>
    public async Task<bool> StoreAsync(IArtifactStore store)
    {
        if (!await ContentHash.FitsAsync(artifact, path, CancellationToken.None))
        {
            File.Delete(path);
            return false;
        }
        await store.PutAsync(artifact, path, CancellationToken.None);
        return true;
    }

    public void Dispose()
    {
        release(path);
        _released.TrySetResult();
    }
}
