using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class DirectoryStoreTests : StoreSpecification
{
    string Root => Contents.PathOf("store");

    protected override IArtifactStore Store => field ??= new DirectoryStore(Root);

    protected override string PlaceOf(string name) => Path.Combine(Root, name);

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_file_that_can_not_be_published_stays_where_it_was()
    {
        var (artifact, path) = Contents.Make("a.ivf", 5000);
        Directory.CreateDirectory(PlaceOf("a.ivf"));

        await Should.ThrowAsync<IOException>(() => Store.PutAsync(artifact, path, default));

        (await ContentHash.FitsAsync(artifact, path, default)).ShouldBeTrue();
        Directory.GetFiles(Root).ShouldBeEmpty();
        Directory.Delete(PlaceOf("a.ivf"));
        await Store.PutAsync(artifact, path, default);
        (await Store.FindAsync("a.ivf", default)).ShouldBe(5000);
    }

    [Fact]
    public async Task What_another_process_damaged_since_is_noticed()
    {
        var (artifact, path) = Contents.Make("a.ivf", 5000);
        await Store.PutAsync(artifact, path, default);
        await Store.FetchAsync(artifact, "", default);
        var bytes = File.ReadAllBytes(PlaceOf("a.ivf"));
        bytes[2500] ^= 1;
        File.WriteAllBytes(PlaceOf("a.ivf"), bytes);

        await Should.ThrowAsync<ArtifactException>(() => Store.FetchAsync(artifact, "", default));
    }
}
