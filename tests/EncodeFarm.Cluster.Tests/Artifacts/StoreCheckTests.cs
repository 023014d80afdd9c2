using System.Collections.Immutable;
using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class StoreCheckTests
{
    static readonly StoreKeys Keys = StoreKeys.Usual;
    static readonly FarmRoot Shared = new("/mnt/media", true);
    static readonly FarmRoot Local = new("/home/me", false);

    static StoreSetup Good(StorePlace place) => new(["c1", "c2"], place, [Shared], [Shared]);

    static string[] KeysOf(StoreSetup setup) =>
        [.. StoreCheck.Judge(setup, Keys).Select(refusal => refusal.Key)];

    public static TheoryData<StorePlace> Safe =>
        [
            new StorePlace.InDirectory("/mnt/artifacts", Shared: true),
            new StorePlace.AtNode("store-1"),
            new StorePlace.InBucket("farm"),
        ];

    [Theory]
    [MemberData(nameof(Safe))]
    public void Several_coordinators_may_share(StorePlace place) =>
        KeysOf(Good(place)).ShouldBeEmpty();

    [Fact]
    public void A_directory_of_one_machine_is_refused() =>
        KeysOf(Good(new StorePlace.InDirectory("/var/artifacts", Shared: false)))
            .ShouldBe([Keys.Directory]);

    [Theory]
    [InlineData(null)]
    [InlineData("c2")]
    public void A_store_that_dies_with_a_coordinator_is_refused(string? node) =>
        KeysOf(Good(new StorePlace.AtNode(node))).ShouldBe([Keys.Node]);

    [Fact]
    public void Roots_must_be_named_and_shared()
    {
        var setup = Good(new StorePlace.InBucket("farm"));

        KeysOf(setup with { Sources = [] }).ShouldBe([Keys.Sources]);
        KeysOf(setup with { Outputs = [] }).ShouldBe([Keys.Outputs]);
        KeysOf(setup with { Sources = [Shared, Local] }).ShouldBe([Keys.Sources]);
        KeysOf(setup with { Outputs = [Local, Local] }).ShouldBe([Keys.Outputs, Keys.Outputs]);
    }

    /// <summary>Every configuration that can be written, against the rule in one line.</summary>
    [Fact]
    public void It_refuses_exactly_what_a_failover_could_lose()
    {
        string?[] nodes = [null, "c1", "c2", "s"];
        StorePlace[] places =
        [
            .. nodes.Select(node => new StorePlace.AtNode(node)),
            new StorePlace.InDirectory("/d", true),
            new StorePlace.InDirectory("/d", false),
            new StorePlace.InBucket("b"),
        ];
        ImmutableArray<FarmRoot>[] roots =
        [
            [],
            [Shared],
            [Local],
            [Shared, Local],
        ];
        ImmutableArray<string>[] coordinators =
        [
            ["c1"],
            ["c1", "c1"],
            ["c1", "c2"],
        ];
        var all =
            from place in places
            from sources in roots
            from outputs in roots
            from names in coordinators
            select new StoreSetup(names, place, sources, outputs);

        foreach (var setup in all)
        {
            var alone = !setup.Coordinators.Contains("c2");
            var outlives =
                setup.Place
                is StorePlace.InBucket
                    or StorePlace.InDirectory { Shared: true }
                    or StorePlace.AtNode { Node: "s" };
            var reached =
                setup.Sources.SequenceEqual([Shared]) && setup.Outputs.SequenceEqual([Shared]);
            var refusals = StoreCheck.Judge(setup, Keys);
            refusals.IsEmpty.ShouldBe(alone || (outlives && reached), $"{setup}");
            refusals.ShouldAllBe(refusal => refusal.Message.Contains(refusal.Key));
        }
    }
}
