using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>Counts what the whole process allocates, so nothing else may run.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;

[Collection("alone")]
public sealed class LargeArtifactTests(BucketServer bucket) : IDisposable
{
    const int Length = 200_000_000;
    readonly Contents _contents = new();

    [Fact]
    public async Task They_pass_the_endpoint_without_being_held_in_memory()
    {
        await using var host = await EndpointHost.StartAsync(_contents);
        using var http = HttpStore.NewClient();

        await PassAsync(host.Client(http));
    }

    [Fact]
    public async Task They_pass_a_bucket_without_being_held_in_memory()
    {
        using var store = new S3Store(await bucket.NewFolderAsync(), TimeProvider.System, _ => { });

        await PassAsync(store);
    }

    async Task PassAsync(IArtifactStore store)
    {
        var path = _contents.PathOf("large");
        await using (var file = File.Create(path))
        {
            for (var part = 0; part < 20; part++)
            {
                file.Write(Contents.Bytes(Length / 20, seed: part));
            }
        }
        var artifact = new StoredArtifact(
            "job/large.mkv",
            Length,
            await ContentHash.OfFileAsync(path, default)
        );
        var before = GC.GetTotalAllocatedBytes();

        await store.PutAsync(artifact, path, default);
        var copy = await store.FetchAsync(artifact, _contents.PathOf("copy"), default);

        // Both ways together, for the endpoint on both ends.
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(Length / 4);
        (await ContentHash.FitsAsync(artifact, copy, default)).ShouldBeTrue();
    }

    public void Dispose() => _contents.Dispose();
}
