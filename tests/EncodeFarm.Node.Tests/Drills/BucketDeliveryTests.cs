using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>The program delivers to a bucket of a real server, and is killed while it does.</summary>
public sealed class BucketDeliveryTests(BucketServer server) : IAsyncLifetime
{
    readonly TestDirectory _directory = new("encodefarm-bucket-delivery");
    readonly List<FarmProcess> _started = [];
    S3StoreOptions _options = null!;
    string _source = "";

    public async ValueTask InitializeAsync()
    {
        await server.RunningAsync();
        _options = new S3StoreOptions(BucketServer.Bucket, server.Address, "us-east-1")
        {
            Folder = $"{Guid.NewGuid():N}",
            AccessKey = BucketServer.Key,
            SecretKey = BucketServer.Key,
        };
        _source = await Drill.SourceAsync();
    }

    public ValueTask DisposeAsync()
    {
        _started.ForEach(farm => farm.Dispose());
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    string Key(string name) => $"{_options.Folder}/{name}";

    string Output(string name) => $"s3://{_options.Bucket}/{Key(name)}";

    FarmProcess Start(string output, Uri endpoint, params string[] more)
    {
        var farm = FarmProcess.Start(
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = _options.AccessKey!,
                ["AWS_SECRET_ACCESS_KEY"] = _options.SecretKey!,
                ["ENCODEFARM__S3__ENDPOINT"] = endpoint.ToString(),
            },
            [
                "encode",
                _source,
                "-o",
                output,
                "--work",
                _directory.File("work"),
                "-p",
                "av1-crf",
                "-s",
                "encoding.preset=11",
                "-s",
                "segment.seconds=1",
                "--slots",
                "2",
                "--json",
                .. more,
            ]
        );
        _started.Add(farm);
        return farm;
    }

    async Task<bool> ExistsAsync(string name) =>
        await new S3Outputs(_options, TimeProvider.System, _ => { }).FindAsync(
            S3Address.Parse(Output(name)),
            TestContext.Current.CancellationToken
        )
            is not null;

    [Fact]
    public async Task A_farm_that_is_killed_while_it_delivers_delivers_again()
    {
        const string name = "Film (1).mkv";
        await using var line = new FaultProxy(
            server.Address,
            // Questions pass, and the file stops half way.
            Enumerable.Repeat(new Fault.Stall(Up: true, After: 8_000), 100)
        );
        var watch = new JobWatch(_directory.File("work"));
        var first = Start(Output(name), line.Address);
        await UntilAsync(() => line.Stalled > 0);

        (await first.KillAsync(group: true)).ShouldBeTrue();

        (await ExistsAsync(name)).ShouldBeFalse();
        var muxed = watch.Count("mux, exit 0");
        var end = await Start(Output(name), server.Address).DeliveredAsync();
        end.Rendition.GetProperty("path").GetString().ShouldBe(Output(name));
        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        FrameOracle
            .Mismatch(
                await FrameOracle.DecodeAsync(_source),
                await FrameOracle.DecodeAsync(server.PlaceOf(Key(name)))
            )
            .ShouldBeNull();
        // The mux was done: nothing but the delivery ran again.
        watch.Count("mux, exit 0").ShouldBe(muxed);
        Directory
            .GetFiles(_directory.Path, "*.part", SearchOption.AllDirectories)
            .ShouldBeEmpty("nothing temporary is left");
    }

    static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await look.WaitForNextTickAsync(limit.Token);
        }
    }

    [Fact]
    public async Task The_same_command_reports_again_and_another_job_is_refused()
    {
        await Start(Output("a.mkv"), server.Address).DeliveredAsync();

        var watch = new JobWatch(_directory.File("work"));
        var muxed = watch.Count("mux, exit 0");
        await Start(Output("a.mkv"), server.Address).DeliveredAsync();
        watch.Count("mux, exit 0").ShouldBe(muxed);
        var other = await Start(Output("a.mkv"), server.Address, "-s", "crop=off").EndAsync();
        other.ExitCode.ShouldBe(3);
        other.Errors.ShouldContain(
            $"'{Output("a.mkv")}' exists already. Choose another name with -o, or replace it with --overwrite."
        );

        // What was delivered is gone: it is made anew.
        Directory.Delete(Path.GetDirectoryName(server.PlaceOf(Key("a.mkv")))!, recursive: true);
        await Start(Output("a.mkv"), server.Address).DeliveredAsync();
        (await ExistsAsync("a.mkv")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("s3://", 2, "names no object")]
    [InlineData("s3://bucket", 2, "names no object")]
    [InlineData("s3://bucket/dir/", 2, "names no object")]
    [InlineData("s3://farm/film.avi", 2, "is named .avi")]
    [InlineData("s3://nowhere/film.mkv", 3, "There is no bucket nowhere")]
    public async Task A_destination_that_can_t_be_used_is_told_at_once(
        string output,
        int code,
        string words
    )
    {
        var end = await Start(output, server.Address).EndAsync();

        end.ExitCode.ShouldBe(code, end.Errors);
        end.Errors.ShouldContain(words);
    }

    [Fact]
    public async Task A_server_that_is_away_and_wrong_keys_are_told_at_once()
    {
        var nobody = new Uri("http://127.0.0.1:1");

        var end = await Start(Output("a.mkv"), nobody).EndAsync();
        end.ExitCode.ShouldBe(4, end.Errors);
        end.Errors.ShouldContain("Is the server in s3.endpoint the right one");

        _options = _options with { AccessKey = "wrong" };
        end = await Start(Output("a.mkv"), server.Address).EndAsync();
        end.ExitCode.ShouldBe(3, end.Errors);
        end.Errors.ShouldContain("Check the access key");
    }
}
