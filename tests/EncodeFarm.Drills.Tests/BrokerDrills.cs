namespace EncodeFarm.Drills.Tests;

/// <summary>The broker is a cluster of three, and one of them dies.</summary>
[Collection("broker")]
public sealed class BrokerDrills(ITestOutputHelper output)
{
    [Fact]
    [Trait("Length", "Long")]
    public async Task A_broker_of_three_survives_one()
    {
        await using var brokers = await BrokerTrio.StartAsync();
        await using var cluster = TestCluster.Start(brokers.Address, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        await cluster.UpAsync(coordinator, "w1", "w2");
        var job = await cluster.SubmitAsync(coordinator);
        await cluster.UntilAsync(
            "a segment is done",
            () => coordinator.Api.JobAsync(job, default),
            detail => detail.Job.SegmentsDone >= 1
        );
        // The one that all are connected with, and where every queue was declared.
        brokers.KillOne(0);
        var seconds = await cluster.UntilAsync(
            "a question is answered",
            () => PbmProcess.RunAsync(cluster.Node("w1"), "encode", "list"),
            answer => answer.Exit == 0
        );
        await cluster.CompletedAsync(coordinator, job);
        output.WriteLine(
            FormattableString.Invariant(
                $"One of three brokers killed: answers again after {seconds:0.0} s"
            )
        );
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        (await cluster.EventsAsync(coordinator, job))
            .Count(e => e.Type == "segment-encoded.v1")
            .ShouldBe(DrillClip.Segments);
    }
}
