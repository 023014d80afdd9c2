using System.Diagnostics;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging.Rabbit;

namespace EncodeFarm.Drills.Tests;

/// <summary>Nodes that are not like the others: another protocol, another product version, a wrong clock.</summary>
[Collection("broker")]
public sealed class StrangeDrills(BrokerServer broker, PostgresServer postgres)
{
    /// <summary>The test speaks as a node of the next protocol would, over the broker.</summary>
    [Fact]
    public async Task A_node_of_another_protocol_is_told_so_and_so_is_the_coordinator()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Quick);
        var coordinator = cluster.Start("c", "coordinator");
        await cluster.UpAsync(coordinator, "c");
        var self = NodeAddress.New("x");
        await using var stranger = await RabbitMqTransport.ConnectAsync(
            self,
            RabbitMqOptions.Parse(broker.Address) with
            {
                Farm = cluster.Farm,
            },
            TimeProvider.System,
            _ => { },
            default
        );
        var told = new TaskCompletionSource<JoinRefused>();
        await stranger.ListenAsync(
            message =>
            {
                if (ClusterCodec.Open(message) is JoinRefused refusal)
                {
                    told.TrySetResult(refusal);
                }
                return Task.CompletedTask;
            },
            default
        );
        var card = new NodeCard(self, "home", ["worker"], "9.9.9", null);
        var request = ClusterCodec.Seal(
            new JoinRequest(card, JoinCheck.CurrentProtocol + 1, JoinCheck.Prove("", self))
        );
        // Each second, as a node does: signals are not kept for whoever comes late to them.
        for (var asked = 0; asked < 60 && !told.Task.IsCompleted; asked++)
        {
            await stranger.SignalAsync(request, default);
            await Task.WhenAny(told.Task, Task.Delay(TimeSpan.FromSeconds(1)));
        }
        var answer = await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        answer.Advice.ShouldBe(JoinAdvice.GiveUp);
        answer.Reason.ShouldContain("speaks protocol 2, the cluster speaks 1");
        await cluster.UntilAsync(
            "the coordinator says it",
            () => Task.FromResult(coordinator.Said),
            said => said.Contains("'x' was refused: it speaks protocol 2", StringComparison.Ordinal)
        );
        (
            await TestCluster.TryAsync(() => coordinator.Api.MembersAsync(default))
        ).Members.ShouldNotContain(m => m.Name == "x");
    }

    /// <summary>A second build of the same sources under another version.</summary>
    [Fact]
    [Trait("Length", "Long")]
    public async Task Product_versions_of_one_protocol_work_together()
    {
        using var build = new TestDirectory("encodefarm-version");
        await BuildAsync("9.9.9", build.Path);
        var other = build.File("bin/EncodeFarm.Node/release/encodefarm");
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker", program: other);
        await cluster.UpAsync(coordinator, "w1", "w2");
        var members = (
            await TestCluster.TryAsync(() => coordinator.Api.MembersAsync(default))
        ).Members;
        members.Single(member => member.Name == "w2").Version.ShouldStartWith("9.9.9");
        members.Single(member => member.Name == "w1").Version.ShouldNotStartWith("9.9.9");
        // All of it runs on the other version, for a coordinator of this one.
        await TestCluster.TryAsync(() => coordinator.Api.MemberAsync("drain", new("w1"), default));
        var job = await cluster.SubmitAsync(coordinator);
        await cluster.CompletedAsync(coordinator, job);
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        var segments = (
            await TestCluster.TryAsync(() => coordinator.Api.SegmentsAsync(job, default))
        ).Segments;
        segments.Select(segment => segment.Node).Distinct().ShouldBe(["w2"]);
    }

    static async Task BuildAsync(string version, string directory)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "build",
                Path.Combine(Repository.Root, "src/EncodeFarm.Node"),
                "--configuration",
                "Release",
                "--artifacts-path",
                directory,
                $"-property:Version={version}",
                "-nodeReuse:false",
                "-property:UseSharedCompilation=false",
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, said);
    }

    /// <summary>Leases count on monotonic clocks and on the database's, never on a node's.</summary>
    [Fact]
    public async Task A_clock_that_is_an_hour_off_harms_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(broker, postgres, Pace.Real.Patient);
        var anybody = cluster.Start("store", "store");
        // Epochs are counted: no lease may run out because the machine is busy.
        string[] lease = ["cluster.lease_seconds=15"];
        cluster.Start("c1", "coordinator", settings: lease);
        cluster.Start("w1", "worker");
        await cluster.UpAsync(anybody, "c1", "w1");
        cluster.Start("c2", "coordinator", settings: lease, environment: Clock("+1h"));
        cluster.Start("w2", "worker", environment: Clock("-1h"));
        await cluster.UpAsync(anybody, "c2", "w2");
        var job = await cluster.SubmitAsync(anybody);
        await cluster.UntilAsync(
            "two segments done",
            () => anybody.Api.JobAsync(job, default),
            detail => detail.Job.SegmentsDone >= 2
        );
        var before = await TestCluster.TryAsync(() => anybody.Api.LeaderAsync(default));
        before.Name.ShouldBe("c1", cluster.Logs());
        await cluster.Node("c1").KillAsync();
        await cluster.CompletedAsync(anybody, job);
        var after = await TestCluster.TryAsync(() => anybody.Api.LeaderAsync(default));
        (after.Name, after.Epoch).ShouldBe(("c2", before.Epoch + 1), cluster.Logs());
        (await cluster.HashAsync(anybody, job)).ShouldBe(await DrillClip.CalmHashAsync());
        var events = await cluster.EventsAsync(anybody, job);
        events.Count(e => e.Type == "segment-encoded.v1").ShouldBe(DrillClip.Segments);
        events.ShouldNotContain(e => e.Type == "attempt-lost.v1" || e.Type == "attempt-failed.v1");
        // The wrong clock was really there.
        (events[^1].At - events[0].At).ShouldBeGreaterThan(TimeSpan.FromMinutes(50));
    }

    /// <summary>What shifts a process's clocks. The monotonic one is shifted too, which nobody can see: where it begins means nothing.</summary>
    static Dictionary<string, string> Clock(string shift)
    {
        var library = Directory
            .EnumerateFiles("/usr/lib", "libfaketime.so.1", SearchOption.AllDirectories)
            .FirstOrDefault();
        Assert.SkipWhen(library is null, "libfaketime is not installed.");
        return new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library!,
            ["FAKETIME"] = shift,
            // Times of files stay: they are those of a server that all mount.
            ["NO_FAKE_STAT"] = "1",
        };
    }
}
