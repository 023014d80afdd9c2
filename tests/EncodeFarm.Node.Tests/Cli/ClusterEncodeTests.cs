using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Cli;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Http;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Tests.Cli;

public sealed class ClusterEncodeTests : IAsyncDisposable
{
    private readonly ApiFixture _farm = new();
    private readonly StringWriter _out = new();
    private readonly Told _error = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Fact]
    public async Task It_watches_to_the_end_and_prints_the_report()
    {
        _farm.Files.Write("a.mkv", "video");
        var server = await _farm.ServeAsync(worker: true);

        var running = RunAsync(server, Stop, json: true);
        var id = await SubmittedAsync();
        _farm.Coordinator.Decide(
            id,
            new TaskBroke(
                new TaskId(TaskKind.Plan),
                new Failure(FailureKind.BadInput, "'a.mkv' is no video."),
                []
            )
        );

        (await running).ShouldBe(ExitCode.BadInput);
        var report = NodeJson.ReadReport(_out.ToString());
        report.Jobs.Single().State.ShouldBe("Failed");
        _error.ToString().ShouldContain("✗ 'a.mkv' is no video.");
    }

    [Fact]
    public async Task An_interruption_ends_the_watching_and_not_the_job()
    {
        _farm.Files.Write("a.mkv", "video");
        var server = await _farm.ServeAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var running = RunAsync(server, stop.Token);
        var id = await SubmittedAsync();
        await stop.CancelAsync();

        (await running).ShouldBe(ExitCode.Interrupted);
        _error
            .ToString()
            .ShouldEndWith(
                $"Interrupted. The job goes on. Watch it with: pbm 127.0.0.1:{server.Address.Port} encode watch {id}\n"
            );
        _farm.Coordinator.Monitor.Videos[id].Finished.ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_cluster_refuses_has_the_exit_codes_of_encode()
    {
        var server = await _farm.ServeAsync();

        var error = await Should.ThrowAsync<FarmException>(() => RunAsync(server, Stop));

        error.Error.ShouldBe(FarmError.BadInput);
        error.Message.ShouldStartWith("The coordinator 'one' does not see");
    }

    [Fact]
    public async Task Of_several_the_JSON_tells_which_go_on_and_which_were_refused()
    {
        _farm.Files.Write("a.mkv", "video");
        var server = await _farm.ServeAsync();
        var order = Order($"127.0.0.1:{server.Address.Port}", json: true, "a.mkv", "none.mkv");

        (await ClusterEncode.RunAsync(Host(), order, Stop)).ShouldBe(ExitCode.BadInput);

        var jobs = NodeJson.ReadReport(_out.ToString()).Jobs;
        jobs.Select(job => (job.Id, job.State))
            .ShouldBe([
                (_farm.Coordinator.Monitor.Videos.Keys.Single(), "Submitted"),
                (null, "Failed"),
            ]);
        jobs.ShouldAllBe(job => job.Error!.StartsWith("The coordinator 'one' does not see"));
        _error.ToString().ShouldContain($"✗ {jobs[0].Error}");
    }

    [Fact]
    public async Task Nobody_there_is_a_missing_server()
    {
        var order = Order("127.0.0.1:1", false, "a.mkv");

        var error = await Should.ThrowAsync<FarmException>(() =>
            ClusterEncode.RunAsync(Host(), order, Stop)
        );

        ExitCode.Of(error.Error).ShouldBe(ExitCode.ToolMissing);
    }

    private Task<int> RunAsync(HttpServer server, CancellationToken stop, bool json = false) =>
        ClusterEncode.RunAsync(
            Host(),
            Order($"127.0.0.1:{server.Address.Port}", json, "a.mkv"),
            stop
        );

    private static ClusterOrder Order(string node, bool json, params string[] sources) =>
        new(node, null, null, "av1-crf", [], new EncodeRequest(sources, null) { Json = json })
        {
            AnswerLimit = TimeSpan.FromMinutes(1),
        };

    private CliHost Host() =>
        new(
            TextWriter.Synchronized(_out),
            TextWriter.Synchronized(_error),
            ErrorIsTerminal: false,
            Color: false,
            () => 80,
            new Dictionary<string, string>(),
            _farm.Files.Path,
            TimeProvider.System
        );

    /// <summary>The id of the job, as soon as it was told.</summary>
    private async Task<string> SubmittedAsync()
    {
        await _error.FirstLine.WaitAsync(Stop);
        return _farm.Coordinator.Monitor.Videos.Keys.Single();
    }

    /// <summary>Knows when the first line was written.</summary>
    private sealed class Told : StringWriter
    {
        private readonly TaskCompletionSource _told = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task FirstLine => _told.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            _told.TrySetResult();
        }
    }
}
