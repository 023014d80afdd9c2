using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class S3StoreTests(BucketServer server) : StoreSpecification
{
    S3StoreOptions _options = null!;
    S3Store _store = null!;

    protected override IArtifactStore Store => _store;

    protected override string PlaceOf(string name) => server.PlaceOf($"{_options.Folder}/{name}");

    public override async ValueTask InitializeAsync()
    {
        // Parts of S3's least size, so that the largest artifact of the specification has two.
        _options = (await server.NewFolderAsync()) with
        {
            PartSize = 5 << 20,
            Transfers = FaultProxy.Quick,
        };
        _store = NewStore(_options);
    }

    public override ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return base.DisposeAsync();
    }

    static S3Store NewStore(S3StoreOptions options) => new(options, TimeProvider.System, _ => { });

    [Fact]
    public async Task A_bucket_that_is_not_there_is_named()
    {
        using var store = NewStore(_options with { Bucket = "nowhere" });

        var error = await Should.ThrowAsync<ArtifactException>(() => store.ListAsync("", default));

        error.Message.ShouldContain("no bucket nowhere");
    }

    [Fact]
    public async Task Wrong_keys_are_told_at_once()
    {
        using var store = NewStore(_options with { AccessKey = "wrong" });

        var error = await Should.ThrowAsync<ArtifactException>(() => store.ListAsync("", default));

        error.Message.ShouldContain("refuses this node");
        error.Message.ShouldContain("access key");
    }

    [Fact]
    public async Task Long_lists_come_in_pages()
    {
        var names = Enumerable.Range(0, 1020).Select(index => $"many/{index:0000}").ToList();
        var (artifact, path) = Contents.Make("one", 1);
        await Parallel.ForEachAsync(
            names,
            async (name, token) => await Store.PutAsync(artifact with { Name = name }, path, token)
        );

        (await Store.ListAsync("many/", default)).ShouldBe(names);
    }
}
