using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Node.Tests.Hosting;

public sealed class StoreCheckTests
{
    private const string Shared = "/mnt/media";
    private const string Local = "/home/me";

    private static FarmSettings Good(string? store) =>
        new()
        {
            Cluster = new() { Store = store, SharedRoots = ["/mnt"] },
            SourceRoots = [Shared],
            OutputRoots = [Shared],
        };

    /// <summary>Of each refusal the key that its message names first.</summary>
    private static string[] KeysOf(FarmSettings farm) =>
        [
            .. StoreCheck
                .Refusals(farm, "c1")
                .Select(refusal =>
                    new[] { "node.roles", "roots.shared", "roots.sources", "roots.outputs" }.First(
                        refusal.Contains
                    )
                ),
        ];

    [Theory]
    [InlineData("/mnt/artifacts")]
    [InlineData("/mnt")]
    [InlineData("s3://farm")]
    [InlineData(null)]
    public void Several_coordinators_may_share(string? store) =>
        KeysOf(Good(store)).ShouldBeEmpty();

    [Theory]
    [InlineData("/var/artifacts")]
    [InlineData("/mnt2")]
    public void A_directory_of_one_machine_is_refused(string store) =>
        KeysOf(Good(store)).ShouldBe(["roots.shared"]);

    [Fact]
    public void A_store_that_dies_with_a_coordinator_is_refused()
    {
        var farm = Good(null);
        var both = farm.Cluster with { Roles = NodeRoles.Coordinator | NodeRoles.Store };

        KeysOf(farm with { Cluster = both }).ShouldBe(["node.roles"]);
    }

    [Fact]
    public void Roots_must_be_named_and_shared()
    {
        var farm = Good("s3://farm");

        KeysOf(farm with { SourceRoots = [] }).ShouldBe(["roots.sources"]);
        KeysOf(farm with { OutputRoots = [] }).ShouldBe(["roots.outputs"]);
        KeysOf(farm with { SourceRoots = [Shared, Local] }).ShouldBe(["roots.sources"]);
        KeysOf(farm with { OutputRoots = [Local, Local] })
            .ShouldBe(["roots.outputs", "roots.outputs"]);
        KeysOf(farm with { SourceRoots = [Local], OutputRoots = [] })
            .ShouldBe(["roots.sources", "roots.outputs"]);
    }
}
