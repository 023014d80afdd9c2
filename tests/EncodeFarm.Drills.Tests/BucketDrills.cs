namespace EncodeFarm.Drills.Tests;

/// <summary>A cluster delivers to a bucket.</summary>
[Collection("broker")]
public sealed class BucketDrills(BrokerServer broker, BucketServer buckets)
{
    [Fact]
    public async Task A_job_is_delivered_to_a_bucket_and_its_report_says_where()
    {
        await buckets.RunningAsync();
        var key = $"{Guid.NewGuid():N}/film.mkv";
        var output = $"s3://{BucketServer.Bucket}/{key}";
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = BucketServer.Key,
            ["AWS_SECRET_ACCESS_KEY"] = BucketServer.Key,
            ["ENCODEFARM__S3__ENDPOINT"] = $"{buckets.Address}",
        };
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator", environment: environment);
        // Workers have nothing to do with the bucket.
        var worker = cluster.Start("w", "worker", slots: 2);
        await cluster.UpAsync(coordinator, "c", "w");
        string[] settings =
        [
            "-p",
            "av1-crf",
            .. DrillClip.Settings.SelectMany(setting => new[] { "-s", setting }),
        ];
        string[] submit = ["encode", "submit", await DrillClip.MadeAsync(), "-o", output];

        var submitted = await PbmProcess.AnsweredAsync(worker, [.. submit, .. settings, "--json"]);

        submitted.Exit.ShouldBe(0, submitted.Error);
        var job = submitted.Json()[0].GetProperty("job").GetProperty("id").GetString()!;
        await cluster.CompletedAsync(coordinator, job);
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        (await cluster.RenditionAsync(coordinator, job))
            .GetProperty("path")
            .GetString()
            .ShouldBe(output);
        (await PbmProcess.AnsweredAsync(worker, "encode", "show", job)).Out.ShouldContain(output);
        File.Exists(buckets.PlaceOf(key)).ShouldBeTrue();

        var again = await PbmProcess.AnsweredAsync(worker, [.. submit, .. settings]);
        again.Out.ShouldContain($"{job} ");
        var other = await PbmProcess.AnsweredAsync(
            worker,
            [.. submit, .. settings, "-s", "audio.bitrate=96k"]
        );
        other.Exit.ShouldNotBe(0);
        other.Error.ShouldContain("exists already");
        var folder = await PbmProcess.AnsweredAsync(worker, [.. submit[..^1], $"{output}/"]);
        folder.Error.ShouldContain("names no object in a bucket");
    }
}
