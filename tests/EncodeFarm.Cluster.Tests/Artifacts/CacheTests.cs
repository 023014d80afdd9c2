using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class CacheTests : IDisposable
{
    const int Length = 1000;
    readonly Contents _contents = new();
    readonly ManualTimeProvider _time = new();
    readonly CountingStore _store;

    public CacheTests() => _store = new CountingStore(_contents.PathOf("store"));

    string Directory => _contents.PathOf("cache");

    ArtifactCache NewCache(long limit) => new(_store, Directory, limit, _time);

    string[] Files => System.IO.Directory.GetFiles(Directory);

    async Task<StoredArtifact> StoredAsync(int seed)
    {
        var (artifact, path) = _contents.Make(
            $"job/segments/piece_{seed:0000}.1.mkv",
            Length,
            seed
        );
        await _store.PutAsync(artifact, path, default);
        return artifact;
    }

    async Task UseAsync(ArtifactCache cache, StoredArtifact artifact)
    {
        using var local = await cache.OpenAsync(artifact, default);
        Contents.ShouldHold(local.Path, artifact);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_artifact_is_fetched_once()
    {
        var (cache, artifact) = (NewCache(10 * Length), await StoredAsync(1));

        await UseAsync(cache, artifact);
        await UseAsync(cache, artifact);

        _store.Fetched.ShouldBe([artifact.Name]);
        Path.GetExtension(Files.Single()).ShouldBe(".mkv");
    }

    [Fact]
    public async Task Those_who_ask_at_the_same_time_share_one_fetch()
    {
        var (cache, artifact) = (NewCache(10 * Length), await StoredAsync(1));
        _store.Gate = new TaskCompletionSource();

        var opening = Enumerable
            .Range(0, 8)
            .Select(_ => cache.OpenAsync(artifact, default))
            .ToList();
        _store.Gate.SetResult();

        foreach (var local in await Task.WhenAll(opening))
        {
            Contents.ShouldHold(local.Path, artifact);
            local.Dispose();
        }
        _store.Fetched.ShouldBe([artifact.Name]);
    }

    [Fact]
    public async Task The_longest_unused_one_goes_first()
    {
        var cache = NewCache(3 * Length);
        var artifacts = new List<StoredArtifact>();
        for (var seed = 0; seed < 3; seed++)
        {
            artifacts.Add(await StoredAsync(seed));
            await UseAsync(cache, artifacts[seed]);
        }
        await UseAsync(cache, artifacts[0]);
        _store.Fetched.Clear();

        await UseAsync(cache, await StoredAsync(3));
        Files.Length.ShouldBe(3);
        await UseAsync(cache, artifacts[0]);
        await UseAsync(cache, artifacts[2]);
        await UseAsync(cache, artifacts[1]);

        _store.Fetched.ShouldBe([NameOf(3), NameOf(1)]);
    }

    static string NameOf(int seed) => $"job/segments/piece_{seed:0000}.1.mkv";

    [Fact]
    public async Task What_is_in_use_stays_even_above_the_limit()
    {
        var cache = NewCache(Length);
        using var first = await cache.OpenAsync(await StoredAsync(1), default);
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = await cache.OpenAsync(await StoredAsync(2), default);

        Contents.ShouldHold(first.Path, await StoredAsync(1));
        Contents.ShouldHold(second.Path, await StoredAsync(2));
        second.Dispose();
        second.Dispose();

        Files.ShouldBe([first.Path]);
    }

    /// <summary>By somebody who makes room.</summary>
    [Fact]
    public async Task It_is_made_again_when_it_was_removed()
    {
        var (cache, artifact) = (NewCache(10 * Length), await StoredAsync(1));
        using (await cache.OpenAsync(artifact, default))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }

        await UseAsync(cache, artifact);
        System.IO.Directory.Delete(Directory, recursive: true);
        await UseAsync(cache, artifact);

        _store.Fetched.Count.ShouldBe(3);
    }

    [Fact]
    public async Task It_survives_a_restart_with_its_order()
    {
        var before = NewCache(10 * Length);
        var (first, second) = (await StoredAsync(1), await StoredAsync(2));
        await UseAsync(before, first);
        await UseAsync(before, second);
        await UseAsync(before, first);
        _store.Fetched.Clear();

        var after = NewCache(Length);
        await UseAsync(after, first);
        await UseAsync(after, second);

        _store.Fetched.ShouldBe([second.Name]);
    }

    [Theory]
    [InlineData(Length)]
    [InlineData(Length - 1)]
    public async Task A_damaged_copy_is_fetched_again(int length)
    {
        var (cache, artifact) = (NewCache(10 * Length), await StoredAsync(1));
        await UseAsync(cache, artifact);
        var written = File.GetLastWriteTimeUtc(Files.Single());
        File.WriteAllBytes(Files.Single(), Contents.Bytes(length, seed: 77));
        File.SetLastWriteTimeUtc(Files.Single(), written);

        await UseAsync(cache, artifact);

        _store.Fetched.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_fetch_that_fails_can_be_tried_again()
    {
        var cache = NewCache(10 * Length);
        var (missing, path) = _contents.Make("job/late.mkv", Length, seed: 5);
        await Should.ThrowAsync<ArtifactException>(() => cache.OpenAsync(missing, default));
        await _store.PutAsync(missing, path, default);

        await UseAsync(cache, missing);
    }

    [Fact]
    public async Task Nothing_is_copied_from_a_directory()
    {
        var artifact = await StoredAsync(1);
        var store = new DirectoryStore(_contents.PathOf("store"));
        var cache = new ArtifactCache(store, Directory, Length, _time);

        using var local = await cache.OpenAsync(artifact, default);

        local.Path.ShouldBe(_contents.PathOf($"store/{artifact.Name}"));
        Files.ShouldBeEmpty();
    }

    /// <summary>Any use, any limit: what is held is right and stays, and the rest keeps to the limit.</summary>
    [Fact]
    public async Task Held_copies_stay_and_the_others_keep_to_the_limit()
    {
        var artifacts = new List<StoredArtifact>();
        for (var seed = 0; seed < 12; seed++)
        {
            artifacts.Add(await StoredAsync(seed));
        }
        for (var seed = 0; seed < 20; seed++)
        {
            var (random, held) = (new Random(seed), new List<LocalArtifact>());
            var limit = random.Next(0, 8);
            var cache = NewCache(limit * Length);
            for (var step = 0; step < 60; step++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                if (held.Count > 0 && random.Next(2) == 0)
                {
                    var released = held[random.Next(held.Count)];
                    released.Dispose();
                    held.Remove(released);
                }
                else
                {
                    held.Add(await cache.OpenAsync(artifacts[random.Next(12)], default));
                }
                var inUse = held.Select(local => local.Path).Distinct().ToList();
                inUse.ShouldAllBe(path => File.Exists(path));
                Files.Length.ShouldBeLessThanOrEqualTo(Math.Max(limit, inUse.Count));
            }
            held.ForEach(local => local.Dispose());
        }
    }

    public void Dispose() => _contents.Dispose();

    /// <summary>Copies, as stores over the network do, and counts.</summary>
    sealed class CountingStore(string root) : IArtifactStore
    {
        readonly DirectoryStore _inner = new(root);

        public List<string> Fetched { get; } = [];

        public TaskCompletionSource? Gate { get; set; }

        public async Task<string> FetchAsync(
            StoredArtifact artifact,
            string copy,
            CancellationToken cancellation
        )
        {
            if (!await ContentHash.FitsAsync(artifact, copy, cancellation))
            {
                await (Gate?.Task ?? Task.CompletedTask);
                File.Copy(await _inner.FetchAsync(artifact, "", cancellation), copy, true);
                lock (Fetched)
                {
                    Fetched.Add(artifact.Name);
                }
            }
            return copy;
        }

        public Task PutAsync(
            StoredArtifact artifact,
            string path,
            CancellationToken cancellation
        ) => _inner.PutAsync(artifact, path, cancellation);

        public Task<long?> FindAsync(string name, CancellationToken cancellation) =>
            _inner.FindAsync(name, cancellation);

        public Task DeleteAsync(string name, CancellationToken cancellation) =>
            _inner.DeleteAsync(name, cancellation);

        public Task<IReadOnlyList<string>> ListAsync(
            string prefix,
            CancellationToken cancellation
        ) => _inner.ListAsync(prefix, cancellation);
    }
}
