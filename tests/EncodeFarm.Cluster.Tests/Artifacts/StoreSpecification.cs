using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>What every store does. Each test has a store of its own.</summary>
public abstract class StoreSpecification : IAsyncLifetime
{
    const string Name = "job-1/encoded/0/segment_0000.1-7.ivf";
    static readonly CancellationToken Forever = CancellationToken.None;

    protected Contents Contents { get; } = new();

    /// <summary>Made before each test.</summary>
    protected abstract IArtifactStore Store { get; }

    /// <summary>The file in which the store keeps the artifact's content.</summary>
    protected abstract string PlaceOf(string name);

    public abstract ValueTask InitializeAsync();

    public virtual ValueTask DisposeAsync()
    {
        Contents.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    Task<string> FetchAsync(StoredArtifact artifact) =>
        Store.FetchAsync(artifact, Contents.PathOf("copy"), Forever);

    [Theory]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(7_000_001)]
    public async Task What_is_put_can_be_found_and_fetched(int length)
    {
        var (artifact, path) = Contents.Make(Name, length);

        await Store.PutAsync(artifact, path, Forever);

        (await Store.FindAsync(Name, Forever)).ShouldBe(length);
        Contents.ShouldHold(await FetchAsync(artifact), artifact);
    }

    [Fact]
    public async Task What_was_never_put_is_neither_found_nor_fetched()
    {
        var (artifact, _) = Contents.Make(Name, 10);

        (await Store.FindAsync(Name, Forever)).ShouldBeNull();
        var error = await Should.ThrowAsync<ArtifactException>(() => FetchAsync(artifact));
        error.Message.ShouldContain(Name);
        error.Message.ShouldContain("missing");
        File.Exists(Contents.PathOf("copy")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_same_content_may_be_put_twice()
    {
        var (artifact, first) = Contents.Make(Name, 5000);
        var (_, second) = Contents.Make(Name, 5000);

        await Store.PutAsync(artifact, first, Forever);
        await Store.PutAsync(artifact, second, Forever);

        Contents.ShouldHold(await FetchAsync(artifact), artifact);
    }

    [Fact]
    public async Task A_name_is_never_overwritten()
    {
        var (artifact, path) = Contents.Make(Name, 5000, seed: 1);
        var (other, otherPath) = Contents.Make(Name, 5000, seed: 2);
        await Store.PutAsync(artifact, path, Forever);

        var error = await Should.ThrowAsync<ArtifactException>(() =>
            Store.PutAsync(other, otherPath, Forever)
        );

        error.Message.ShouldContain("other content");
        Contents.ShouldHold(await FetchAsync(artifact), artifact);
    }

    [Theory]
    [InlineData(4999)]
    [InlineData(5001)]
    [InlineData(5000)]
    public async Task A_file_that_is_not_the_artifact_is_not_stored(int length)
    {
        var (artifact, _) = Contents.Make(Name, 5000, seed: 1);
        var (_, path) = Contents.Make(Name, length, seed: 2);

        var error = await Should.ThrowAsync<ArtifactException>(() =>
            Store.PutAsync(artifact, path, Forever)
        );

        error.Message.ShouldContain(Name);
        (await Store.FindAsync(Name, Forever)).ShouldBeNull();
        (await Store.ListAsync("", Forever)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    [InlineData(0)]
    public async Task What_was_damaged_in_the_store_is_not_handed_out(int change)
    {
        var (artifact, path) = Contents.Make(Name, 5000);
        await Store.PutAsync(artifact, path, Forever);
        File.WriteAllBytes(PlaceOf(Name), Contents.Bytes(5000 + change, seed: 9));

        var error = await Should.ThrowAsync<ArtifactException>(() => FetchAsync(artifact));

        error.Message.ShouldContain(Name);
        File.Exists(Contents.PathOf("copy")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_damaged_copy_is_not_taken_for_the_artifact()
    {
        var (artifact, path) = Contents.Make(Name, 5000);
        await Store.PutAsync(artifact, path, Forever);
        File.WriteAllBytes(Contents.PathOf("copy"), Contents.Bytes(5000, seed: 9));
        File.WriteAllBytes(Contents.PathOf("copy.part"), Contents.Bytes(2000, seed: 9));

        Contents.ShouldHold(await FetchAsync(artifact), artifact);
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_its_name_free()
    {
        var (artifact, path) = Contents.Make(Name, 5000, seed: 1);
        await Store.PutAsync(artifact, path, Forever);

        await Store.DeleteAsync(Name, Forever);
        await Store.DeleteAsync(Name, Forever);

        (await Store.FindAsync(Name, Forever)).ShouldBeNull();
        var (other, otherPath) = Contents.Make(Name, 4000, seed: 2);
        await Store.PutAsync(other, otherPath, Forever);
        Contents.ShouldHold(await FetchAsync(other), other);
    }

    [Fact]
    public async Task Names_are_listed_by_their_beginning_in_order()
    {
        string[] names = ["a/b/1.ivf", "a/b/10.ivf", "a/b/2.ivf", "a/bc/1.ivf", "a.mkv", "b/1.ivf"];
        foreach (var name in names.Reverse())
        {
            var (artifact, path) = Contents.Make(name, 10);
            await Store.PutAsync(artifact, path, Forever);
        }

        (await Store.ListAsync("", Forever)).ShouldBe(names.Order(StringComparer.Ordinal));
        (await Store.ListAsync("a/b/", Forever)).ShouldBe(names[..3]);
        (await Store.ListAsync("a/b", Forever)).ShouldBe(names[..4]);
        (await Store.ListAsync("a/b/1", Forever)).ShouldBe(names[..2]);
        (await Store.ListAsync("c/", Forever)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("../outside.ivf")]
    [InlineData("job/../../outside.ivf")]
    [InlineData("/etc/passwd")]
    [InlineData("job//a.ivf")]
    [InlineData("job/")]
    [InlineData("job/.hidden")]
    [InlineData("job/a.ivf.part")]
    [InlineData("job\\a.ivf")]
    [InlineData("C:a.ivf")]
    [InlineData("job/%2e%2e/a.ivf")]
    [InlineData("job/a\0.ivf")]
    public async Task A_name_that_could_lead_elsewhere_is_refused(string name)
    {
        var (artifact, path) = Contents.Make(name, 10);

        await Should.ThrowAsync<ArtifactException>(() => Store.PutAsync(artifact, path, Forever));
        await Should.ThrowAsync<ArtifactException>(() => Store.FindAsync(name, Forever));
        await Should.ThrowAsync<ArtifactException>(() => FetchAsync(artifact));
        await Should.ThrowAsync<ArtifactException>(() => Store.DeleteAsync(name, Forever));
        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_put_and_fetch_at_the_same_time()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 24)
                .Select(async index =>
                {
                    var (artifact, path) = Contents.Make($"job/{index}.ivf", 100_000, seed: index);
                    await Store.PutAsync(artifact, path, Forever);
                    var copy = Contents.PathOf($"copy-{index}");
                    Contents.ShouldHold(await Store.FetchAsync(artifact, copy, Forever), artifact);
                })
        );

        (await Store.ListAsync("job/", Forever)).Count.ShouldBe(24);
    }

    [Fact]
    public async Task One_artifact_put_by_several_at_once_is_there_once()
    {
        var files = Enumerable.Range(0, 4).Select(_ => Contents.Make(Name, 300_000)).ToList();

        await Task.WhenAll(files.Select(file => Store.PutAsync(file.Artifact, file.Path, Forever)));

        (await Store.ListAsync("", Forever)).ShouldBe([Name]);
        Contents.ShouldHold(await FetchAsync(files[0].Artifact), files[0].Artifact);
    }

    [Fact]
    public async Task A_transfer_can_be_given_up()
    {
        var (artifact, path) = Contents.Make(Name, 10);
        using var over = new CancellationTokenSource();
        over.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(() =>
            Store.PutAsync(artifact, path, over.Token)
        );

        (await Store.FindAsync(Name, Forever)).ShouldBeNull();
    }
}
