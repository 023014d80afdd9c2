using EncodeFarm.Contracts;

namespace EncodeFarm.Drills.Tests;

/// <summary>All nodes speak HTTPS with certificates of an authority of their own.</summary>
[Collection("broker")]
public sealed class TlsDrills(BrokerServer broker)
{
    [Fact]
    public async Task A_job_whose_pieces_and_segments_travel_with_tls_comes_to_the_same_file()
    {
        using var files = new TestDirectory("encodefarm-tls");
        using var authority = new TestAuthority(files.Path);
        var certificate = authority.Issue();
        var tls = new Dictionary<string, string>
        {
            ["ENCODEFARM__TLS__CERTIFICATE"] = certificate.File,
            ["ENCODEFARM__TLS__KEY"] = certificate.Key,
            ["ENCODEFARM__TLS__AUTHORITY"] = authority.File,
        };
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator", environment: tls);
        cluster.Start("w1", "worker", environment: tls);
        cluster.Start("w2", "worker", environment: tls);
        await cluster.UpAsync(coordinator, "c", "w1", "w2");

        var job = await cluster.SubmitAsync(coordinator);
        await cluster.CompletedAsync(coordinator, job);

        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        (await cluster.EventsAsync(coordinator, job))
            .Count(e => e.Type == "piece-cut.v1")
            .ShouldBe(DrillClip.Segments);
        (await PbmProcess.AnsweredAsync(cluster.Node("w1"), "encode", "show", job)).Exit.ShouldBe(
            0
        );
        using var plain = new FarmClient(
            $"http://{coordinator.Client.Node}",
            null,
            TimeSpan.FromMinutes(1)
        );
        var refusal = await Should.ThrowAsync<FarmApiException>(() =>
            plain.Api.JobsAsync(false, default)
        );
        refusal.Problem.Error.ShouldBe("This port speaks TLS, and was asked in plain HTTP.");
    }
}
