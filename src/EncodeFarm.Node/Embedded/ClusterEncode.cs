using System.Net.Sockets;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Cli;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Logging;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Embedded;

/// <param name="Node">Any node, as <see cref="NodeUri"/> takes it.</param>
/// <param name="Authority">PEM file with the authority of its certificate; null for the machine's own list.</param>
/// <param name="Profile">Null for the coordinator's default.</param>
public sealed record ClusterOrder(
    string Node,
    string? Token,
    string? Authority,
    string? Profile,
    IReadOnlyList<string> Settings,
    EncodeRequest Request
)
{
    /// <summary>For each answer.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary><c>encode --cluster</c>: submits, watches, and prints the report. The jobs do not need it to go on.</summary>
public sealed class ClusterEncode
{
    private static readonly TimeSpan Redraw = TimeSpan.FromSeconds(0.5);

    /// <summary>A coordinator is replaced within 10 s; who is silent for so long will not come back by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CliHost _host;
    private readonly ClusterOrder _order;
    private readonly FarmApi _api;
    private readonly FarmLog _log;
    private readonly List<string> _jobs = [];
    private ClusterSeen _seen = ClusterSeen.Nothing;

    private ClusterEncode(CliHost host, ClusterOrder order, FarmApi api)
    {
        (_host, _order, _api) = (host, order, api);
        var least = order.Request.Quiet ? LogLevel.Error : LogLevel.Info;
        _log = new FarmLog(host.Error.WriteLine, LogFormat.Human, least, host.Color, host.Time);
    }

    /// <returns>The exit code of <c>encode</c>.</returns>
    /// <exception cref="FarmException">The cluster can't be reached, or refuses.</exception>
    public static async Task<int> RunAsync(CliHost host, ClusterOrder order, CancellationToken stop)
    {
        var trust = NodeStores.Trust(new TlsSettings(Authority: order.Authority));
        using var client = new FarmClient(order.Node, order.Token, order.AnswerLimit, trust);
        var run = new ClusterEncode(host, order, client.Api);
        try
        {
            await run.SubmitAsync(stop);
            await run.WatchAsync(stop);
            return await run.ReportAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            host.Error.WriteLine($"Interrupted. {run.GoesOn()}");
            return ExitCode.Interrupted;
        }
        catch (Exception error) when (IsTrouble(error))
        {
            var advice = run._jobs.Count == 0 ? null : run.GoesOn();
            var failure = new FarmException(KindOf(error), error.Message, advice, error);
            if (run._jobs.Count == 0 || !order.Request.Json)
            {
                throw failure;
            }
            // They have not failed, so the report is not that of a refusal.
            host.WriteError(failure.Message);
            host.Out.WriteLine(NodeJson.Write(run.Unfinished(failure)));
            return ExitCode.Of(failure.Error);
        }
    }

    /// <summary>What was submitted, each in the state that was seen last; the rest was refused.</summary>
    private EncodeReport Unfinished(FarmException failure)
    {
        var refused = EncodeReport.Refused(
            _order.Request.Paths(_host.CurrentDirectory),
            failure.Message,
            failure.Error.ToString()
        );
        var submitted = _jobs.Zip(
            refused.Jobs,
            (id, job) =>
                job with
                {
                    Id = id,
                    State =
                        _seen.Jobs.FirstOrDefault(seen => seen.Id == id)?.State
                        ?? nameof(JobState.Submitted),
                }
        );
        return refused with { Jobs = [.. submitted, .. refused.Jobs.Skip(_jobs.Count)] };
    }

    private async Task SubmitAsync(CancellationToken stop)
    {
        var request = _order.Request;
        var output = request.Output is { } given ? Absolute(given) : null;
        foreach (var source in request.Sources)
        {
            var answer = await _api.SubmitAsync(
                new SubmitRequest(
                    Path.GetFullPath(source, _host.CurrentDirectory),
                    _order.Profile,
                    _order.Settings,
                    output,
                    request.Overwrite
                ),
                stop
            );
            _jobs.Add(answer.Job.Id);
            var state = answer.Created
                ? "submitted"
                : $"is there already ({JobText.State(answer.Job)})";
            _log.Info($"{answer.Job.Id} {state}: {Words.Name(answer.Job.Source)}");
        }

        string Absolute(string path)
        {
            if (S3Address.Is(path))
            {
                return OutputPlace.Parse(path, request.Sources.Count, _host.CurrentDirectory).File!;
            }
            var whole = Path.GetFullPath(path, _host.CurrentDirectory);
            // Where there are several sources it must be a directory, and the coordinator is told so.
            return request.Sources.Count > 1 && !Path.EndsInDirectorySeparator(whole)
                ? whole + Path.DirectorySeparatorChar
                : whole;
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        var mode =
            _order.Request.Quiet ? ProgressMode.None
            : _host.ErrorIsTerminal ? ProgressMode.Live
            : ProgressMode.Plain;
        await using var display = new ProgressDisplay(
            new ProgressOutput(mode, _host.Error, _log.Info, _host.Width, _host.Color),
            () => ClusterView.Of(Volatile.Read(ref _seen)),
            _host.Time
        );
        var looks = new ClusterLooks(_api, Redraw, _host.Time);
        long? silentSince = null;
        while (true)
        {
            try
            {
                Volatile.Write(ref _seen, await looks.NextAsync(_jobs, stop));
                silentSince = null;
            }
            catch (Exception error) when (IsTrouble(error) && IsPassing(error))
            {
                if (silentSince is null)
                {
                    display.WriteLine($"⚠ {error.Message}");
                    silentSince = _host.Time.GetTimestamp();
                }
                else if (_host.Time.GetElapsedTime(silentSince.Value) > Patience)
                {
                    throw;
                }
            }
            if (_seen.Jobs.Count > 0 && _seen.Jobs.All(job => job.Finished))
            {
                return;
            }
            display.Changed();
        }
    }

    private async Task<int> ReportAsync(CancellationToken stop)
    {
        var reports = new List<EncodeReport>();
        foreach (var job in _jobs)
        {
            reports.Add(NodeJson.ReadReport(await _api.ReportAsync(job, stop)));
        }
        var report = EncodeReport.Together(reports);
        if (_order.Request.Json)
        {
            _host.Out.WriteLine(NodeJson.Write(report));
        }
        else
        {
            foreach (var line in ReportText.Lines(report))
            {
                _host.Out.WriteLine(line);
            }
        }
        foreach (var job in report.Jobs.Where(job => job.Error is not null))
        {
            _log.Write(LogLevel.Error, job.Error!, job.Id);
        }
        return EncodeRun.ExitCodeOf(report);
    }

    private string GoesOn() =>
        _jobs.Count switch
        {
            // The answer may have been on its way.
            0 => $"Whether anything was submitted tells: pbm {_order.Node} encode list",
            1 => $"The job goes on. Watch it with: pbm {_order.Node} encode watch {_jobs[0]}",
            _ =>
                $"The jobs go on. Watch them with: pbm {_order.Node} encode watch {string.Join(' ', _jobs)}",
        };

    private static bool IsTrouble(Exception error) =>
        error
            is FarmApiException
                or CannotConnectException
                or ConnectionLostException
                or TimeoutException
                or SocketException;

    /// <summary>It may be over in a while: a node restarts, another coordinator takes over.</summary>
    private static bool IsPassing(Exception error) =>
        error
            is not FarmApiException
            {
                Problem.Kind: not (
                    ProblemKind.Unavailable
                    or ProblemKind.Timeout
                    or ProblemKind.Busy
                )
            };

    private static FarmError KindOf(Exception error) =>
        error is not FarmApiException known
            ? FarmError.ToolMissing
            : known.Problem.Kind switch
            {
                ProblemKind.Usage or ProblemKind.NotAllowed => FarmError.BadConfiguration,
                ProblemKind.BadInput => FarmError.BadInput,
                ProblemKind.BadOutput => FarmError.BadOutput,
                ProblemKind.ToolMissing or ProblemKind.Unavailable => FarmError.ToolMissing,
                ProblemKind.Conflict => FarmError.Busy,
                _ => FarmError.ToolFailed,
            };
}
