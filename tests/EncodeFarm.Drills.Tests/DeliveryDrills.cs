namespace EncodeFarm.Drills.Tests;

/// <summary>The coordinator that decides is lost in the last steps of a job: while it muxes, validates or delivers.</summary>
[Collection("broker")]
public sealed class DeliveryDrills(
    BrokerServer broker,
    PostgresServer postgres,
    BucketServer buckets
) : IDisposable
{
    readonly TestDirectory _tools = new("encodefarm-slow-tools");

    string Hold => _tools.File("hold");

    string Reached => _tools.File("reached");

    public void Dispose() => _tools.Dispose();

    /// <summary>
    /// Tools that stand still when they have done their work on an unfinished output, as long as there is a file "hold".
    /// </summary>
    /// <param name="tool">mkvmerge or ffprobe.</param>
    /// <param name="words">Of the command line that stands still, a shell's pattern.</param>
    Dictionary<string, string> Tools(string tool, string words)
    {
        var path = _tools.File(tool);
        File.WriteAllText(
            path,
            $"""
            #!/bin/sh
            {tool} "$@"
            code=$?
            case "$*" in
                {words})
                    [ -e '{Hold}' ] && : > '{Reached}'
                    while [ -e '{Hold}' ]; do sleep 0.05; done ;;
            esac
            exit $code

            """
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                path,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
        File.WriteAllText(Hold, "");
        return new() { [$"ENCODEFARM_{tool.ToUpperInvariant()}"] = path };
    }

    [Fact]
    [Trait("Length", "Long")]
    public Task One_that_is_killed_while_it_muxes_leaves_nothing_behind() =>
        LoseAsync("kill", Tools("mkvmerge", "*--output*.part*"));

    [Fact]
    [Trait("Length", "Long")]
    public Task One_that_is_killed_while_it_validates_leaves_nothing_behind() =>
        LoseAsync("kill", Tools("ffprobe", "*.encodefarm-*.part*"));

    [Fact]
    [Trait("Length", "Long")]
    public Task One_that_freezes_while_it_muxes_does_no_harm_when_it_comes_back() =>
        LoseAsync("freeze", Tools("mkvmerge", "*--output*.part*"));

    [Fact]
    [Trait("Length", "Long")]
    public Task One_that_freezes_while_it_validates_does_no_harm_when_it_comes_back() =>
        LoseAsync("freeze", Tools("ffprobe", "*.encodefarm-*.part*"));

    async Task LoseAsync(string how, Dictionary<string, string> tools)
    {
        await using var cluster = await TestCluster.StartAsync(broker, postgres, Pace.Quick);
        var anybody = cluster.Start("store", "store");
        cluster.Start("c1", "coordinator", environment: tools);
        cluster.Start("c2", "coordinator", environment: tools);
        cluster.Start("w1", "worker", slots: 2);
        await cluster.UpAsync(anybody, "c1", "c2", "w1");
        var job = await cluster.SubmitAsync(anybody, settings: DrillClip.QuickSettings);
        await TestCluster.PollAsync("an output is there", () => File.Exists(Reached));
        var old = cluster.Node(
            (await TestCluster.TryAsync(() => anybody.Api.LeaderAsync(default))).Name
        );
        await (how == "kill" ? old.KillAsync() : old.FreezeAsync());
        File.Delete(Hold);

        await cluster.CompletedAsync(anybody, job);
        if (how == "kill")
        {
            cluster.Start(old.Name, "coordinator", environment: tools);
        }
        else
        {
            await old.ThawAsync();
        }
        await cluster.UpAsync(anybody, "c1", "c2");

        (await cluster.HashAsync(anybody, job)).ShouldBe(await DrillClip.QuickHashAsync());
        (await cluster.EventsAsync(anybody, job))
            .Count(e => e.Type == "segment-encoded.v1")
            .ShouldBe(DrillClip.Segments, cluster.Logs());
        await cluster.UntilAsync(
            "only the output is there",
            () => Task.FromResult(Left(cluster)),
            left => left is ["job.mkv"],
            TimeSpan.FromSeconds(60)
        );
        if (how == "kill")
        {
            await SweptAsync(cluster, job);
        }
    }

    /// <summary>Of the outputs' directory, hidden files too.</summary>
    static List<string> Left(TestCluster cluster) =>
        [
            .. new DirectoryInfo(cluster.Outputs)
                .EnumerateFileSystemInfos()
                .Select(entry => entry.Name)
                .Order(),
        ];

    /// <summary>Of what both coordinators have made for the job, the logs remain; one that was frozen looks within ten minutes.</summary>
    static Task SweptAsync(TestCluster cluster, string job) =>
        cluster.UntilAsync(
            "both coordinators have cleaned up",
            () =>
                Task.FromResult(
                    new[] { "c1", "c2" }
                        .Select(name => Path.Combine(cluster.WorkOf(name), "jobs", job))
                        .Where(Directory.Exists)
                        .SelectMany(folder =>
                            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                        )
                        .ToList()
                ),
            files => files.TrueForAll(file => Path.GetFileName(file) == "job.log"),
            TimeSpan.FromSeconds(60)
        );

    [Fact]
    [Trait("Length", "Long")]
    public Task One_that_is_killed_while_it_uploads_to_a_bucket_is_replaced() =>
        UploadAsync("kill");

    [Fact]
    [Trait("Length", "Long")]
    public Task One_that_freezes_while_it_uploads_does_no_harm_when_it_comes_back() =>
        UploadAsync("freeze");

    async Task UploadAsync(string how)
    {
        await buckets.RunningAsync();
        // Questions are shorter than that; the finished file is not.
        await using var line = new FaultProxy(
            buckets.Address,
            Enumerable.Repeat(new Fault.Stall(Up: true, After: 20_000), 20)
        );
        await using var cluster = await TestCluster.StartAsync(broker, postgres, Pace.Quick);
        var anybody = cluster.Start("store", "store");
        string[] roots = [$"roots.outputs={cluster.Outputs},s3://{BucketServer.Bucket}"];
        cluster.Start("c1", "coordinator", settings: roots, environment: Bucket(line.Address));
        await cluster.UpAsync(anybody, "c1");
        cluster.Start("c2", "coordinator", settings: roots, environment: Bucket(buckets.Address));
        cluster.Start("w1", "worker", slots: 2);
        await cluster.UpAsync(anybody, "c2", "w1");
        var key = $"{Guid.NewGuid():N}/film.mkv";
        var job = await cluster.SubmitAsync(
            anybody,
            settings: DrillClip.QuickSettings,
            output: $"s3://{BucketServer.Bucket}/{key}"
        );
        await TestCluster.PollAsync("half a part is uploaded", () => line.Stalled > 0);
        File.Exists(buckets.PlaceOf(key)).ShouldBeFalse();
        var old = cluster.Node("c1");
        await (how == "kill" ? old.KillAsync() : old.FreezeAsync());

        await cluster.CompletedAsync(anybody, job);
        if (how == "freeze")
        {
            await old.ThawAsync();
        }
        else
        {
            cluster.Start(
                "c1",
                "coordinator",
                settings: roots,
                environment: Bucket(buckets.Address)
            );
        }
        await cluster.UpAsync(anybody, "c1", "c2");

        (await cluster.HashAsync(anybody, job)).ShouldBe(await DrillClip.QuickHashAsync());
        await TestCluster.PollAsync(
            "it decides no more",
            () => how == "kill" || old.Said.Contains("decides no more")
        );
        new FileInfo(buckets.PlaceOf(key)).Length.ShouldBe(
            (await cluster.RenditionAsync(anybody, job)).GetProperty("sizeBytes").GetInt64()
        );
        if (how == "kill")
        {
            await SweptAsync(cluster, job);
        }
    }

    static Dictionary<string, string> Bucket(Uri endpoint) =>
        new()
        {
            ["AWS_ACCESS_KEY_ID"] = BucketServer.Key,
            ["AWS_SECRET_ACCESS_KEY"] = BucketServer.Key,
            ["ENCODEFARM__S3__ENDPOINT"] = $"{endpoint}",
        };
}
