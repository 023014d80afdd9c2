using System.Runtime.CompilerServices;
using System.Text.Json;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Control;

public sealed class EncodeSubmit()
    : ControlCommand(
        new CommandDefinition(
            "submit",
            "Makes a job of each source; the paths are the coordinator's.",
            [
                new ArgumentDefinition("source", "Video files.", Mandatory: true, Repeats: true),
                new ArgumentDefinition(
                    "profile",
                    "What is made of them.",
                    ["-p", "--profile"],
                    Values: "profile",
                    Default: "the coordinator's"
                ),
                new ArgumentDefinition(
                    "key=value",
                    "A setting, such as encoding.preset=8.",
                    ["-s", "--set"],
                    Repeats: true
                ),
                new ArgumentDefinition(
                    "output",
                    "Output file, directory or s3://bucket/name.",
                    ["-o", "--output"],
                    Default: "beside the source"
                ),
                new ArgumentDefinition(
                    "overwrite",
                    "Replace an existing file by the validated one.",
                    ["--overwrite"],
                    Flag: true
                ),
                new ArgumentDefinition(
                    "n",
                    "Higher ones come first.",
                    ["--priority"],
                    Default: "0"
                ),
                new ArgumentDefinition(
                    "key",
                    "The same key always gives the same job; for one source.",
                    ["--key"]
                ),
                new ArgumentDefinition(
                    "watch",
                    "Watch the jobs until they are finished.",
                    ["--watch"],
                    Flag: true,
                    Streams: true
                ),
            ]
        )
    )
{
    public override async IAsyncEnumerable<ControlLine> RunAsync(
        ControlCall call,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var jobs = new List<string>();
        var failed = 0;
        foreach (var request in Requests(call))
        {
            var (answer, problem) = await SubmitAsync(call.Api, request, cancellation);
            if (problem is not null)
            {
                failed = ControlExit.Of(problem);
                yield return new ControlLine(
                    Json: ContractsJson.Element(problem),
                    Problem: problem
                );
                continue;
            }
            jobs.Add(answer!.Job.Id);
            var state = answer.Created
                ? "submitted"
                : $"is there already ({answer.Job.State.ToLowerInvariant()})";
            yield return Line.Of(
                $"{answer.Job.Id} {state}: {Words.Name(answer.Job.Source)} with {answer.Job.Profile}",
                answer
            );
        }
        if (call.Has("watch") && jobs.Count > 0)
        {
            await foreach (var line in new Watching(call, jobs).RunAsync(cancellation))
            {
                yield return line with
                {
                    Exit = line.Exit is null or > 0 ? line.Exit : failed,
                };
            }
        }
        yield return new ControlLine(Exit: failed);
    }

    private static IReadOnlyList<SubmitRequest> Requests(ControlCall call)
    {
        var sources = call.Parsed.All("source");
        if (call.Has("key") && sources.Count > 1)
        {
            throw Refusal.Usage("--key is for one source.", "Submit them one by one.");
        }
        var directory = call.Request.Directory;
        var output = call.Text("output") is { } given ? Paths.Absolute(given, directory) : null;
        if (output is not null && sources.Count > 1 && !Path.EndsInDirectorySeparator(output))
        {
            output += Path.DirectorySeparatorChar;
        }
        return
        [
            .. sources.Select(source => new SubmitRequest(
                Paths.Absolute(source, directory),
                call.Text("profile"),
                call.Parsed.All("key=value"),
                output,
                call.Has("overwrite"),
                call.Whole("n", -Priorities.Most, Priorities.Most) ?? 0,
                call.Text("key")
            )),
        ];
    }

    private static async Task<(SubmitAnswer? Answer, Problem? Problem)> SubmitAsync(
        FarmApi api,
        SubmitRequest request,
        CancellationToken cancellation
    )
    {
        try
        {
            return (await api.SubmitAsync(request, cancellation), null);
        }
        catch (FarmApiException error)
        {
            return (null, error.Problem);
        }
    }
}

public static class Paths
{
    /// <param name="directory">The client's; null where it did not tell.</param>
    /// <exception cref="Refusal">It is relative, and to what is not known.</exception>
    public static string Absolute(string path, string? directory) =>
        Path.IsPathRooted(path) || S3Address.Is(path) ? path
        : directory is not null && Path.IsPathRooted(directory) ? Path.GetFullPath(path, directory)
        : throw Refusal.Usage($"'{path}' is not an absolute path.", "Give the whole path.");
}

public sealed class EncodeList()
    : AnswerCommand(
        new CommandDefinition(
            "list",
            "All jobs in the order of submission.",
            [
                new ArgumentDefinition(
                    "open",
                    "Only those that are not finished.",
                    ["--open"],
                    Flag: true
                ),
            ]
        )
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var jobs = (await call.Api.JobsAsync(call.Has("open"), cancellation)).Jobs;
        var table = new TextTable("id", "state", ">done", ">segments", "profile", "source", "");
        foreach (var job in jobs)
        {
            table.Add(
                job.Id,
                JobText.State(job),
                Words.Percent(job.Fraction),
                job.Segments == 0 ? Words.Unknown : $"{job.SegmentsDone}/{job.Segments}",
                job.Profile,
                Words.Name(job.Source),
                job.Error ?? job.Waiting ?? ""
            );
        }
        return Line.Table(table, jobs);
    }
}

public sealed class EncodeShow()
    : AnswerCommand(new CommandDefinition("show", "All about a job.", [Argument.Job]))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var detail = await call.Api.JobAsync(call.Required("job"), cancellation);
        var lines = JobText.Lines(detail).ToList();
        return [Line.Of(lines[0], detail), .. lines.Skip(1).Select(Line.Text)];
    }
}

public sealed class EncodeSegments()
    : AnswerCommand(
        new CommandDefinition(
            "segments",
            "The segments of a job, as a table and as a map.",
            [
                Argument.Job,
                new ArgumentDefinition(
                    "map",
                    "Only the map, a line for each rendition.",
                    ["--map"],
                    Flag: true
                ),
            ]
        )
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var list = (await call.Api.SegmentsAsync(call.Required("job"), cancellation)).Segments;
        var map = SegmentText.Map(list).ToList();
        return call.Has("map")
            ? map.Select(row => Line.Of(SegmentText.Line(row), row))
            :
            [
                .. Line.Table(SegmentText.Table(list), list),
                .. map.Select(row => Line.Text(SegmentText.Line(row))),
            ];
    }
}

/// <summary>cancel, resume, retry, and pause: a command to a job.</summary>
public sealed class JobCommand(
    string name,
    string description,
    Func<ControlCall, string, CancellationToken, Task<JobInfo>> run,
    params ArgumentDefinition[] more
) : AnswerCommand(new CommandDefinition(name, description, [Argument.Job, .. more]))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var job = await run(call, call.Required("job"), cancellation);
        return
        [
            Line.Of(
                $"{job.Id} {JobText.State(job)}, priority {job.Priority}: {Words.Name(job.Source)}",
                job
            ),
        ];
    }
}

public sealed class EncodeReportCommand()
    : AnswerCommand(
        new CommandDefinition("report", "What became of a job, with all figures.", [Argument.Job])
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var json = await call.Api.ReportAsync(call.Required("job"), cancellation);
        using var document = JsonDocument.Parse(json);
        return
        [
            new ControlLine(Json: document.RootElement.Clone()),
            .. ReportText.Lines(NodeJson.ReadReport(json)).Select(Line.Text),
        ];
    }
}

public sealed class EncodeEvents()
    : ControlCommand(
        new CommandDefinition(
            "events",
            "The journal of a job.",
            [
                Argument.Job,
                new ArgumentDefinition(
                    "follow",
                    "Go on with what happens, until the job is over.",
                    ["-f", "--follow"],
                    Flag: true,
                    Streams: true
                ),
                new ArgumentDefinition(
                    "number",
                    "Only events behind this one.",
                    ["--after"],
                    Default: "0"
                ),
            ]
        )
    )
{
    /// <summary>Where nobody answers, or the coordinator is of a version that does not wait.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    public override async IAsyncEnumerable<ControlLine> RunAsync(
        ControlCall call,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var (job, follow) = (call.Required("job"), call.Has("follow"));
        var after = call.Whole("number", 0, int.MaxValue) ?? 0;
        var page = await call.Api.EventsAsync(job, after, cancellation);
        while (true)
        {
            foreach (var happened in page.Events)
            {
                yield return Line.Of(Text(happened), happened);
            }
            if (page.Over || page.Events.Count == 0 && !follow)
            {
                yield break;
            }
            if (page is { Events.Count: 0, Waited: false })
            {
                await Task.Delay(Pause, call.Context.Time, cancellation);
            }
            page = await NextAsync(call, job, page, cancellation);
        }
    }

    /// <summary>Who follows lives through a coordinator that dies.</summary>
    private static async Task<EventPage> NextAsync(
        ControlCall call,
        string job,
        EventPage last,
        CancellationToken cancellation
    )
    {
        try
        {
            return await call.Api.EventsAsync(job, last.Next, cancellation, call.Has("follow"));
        }
        catch (FarmApiException error)
            when (call.Has("follow")
                && error.Problem.Kind is (ProblemKind.Unavailable or ProblemKind.Timeout)
            )
        {
            return last with { Events = [], Waited = false };
        }
    }

    private static string Text(EventInfo happened)
    {
        var at = happened.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss");
        return $"{happened.Sequence, 5} {at} {happened.Level, -7} {happened.Text}";
    }
}

public sealed class EncodeWatch()
    : ControlCommand(
        new CommandDefinition(
            "watch",
            "Bars of jobs, nodes and slots, until the jobs named are finished.",
            [
                new ArgumentDefinition(
                    "job",
                    "Ids of jobs; without any, everything is watched.",
                    Repeats: true,
                    Values: "job"
                ),
            ],
            Streams: true
        )
    )
{
    public override IAsyncEnumerable<ControlLine> RunAsync(
        ControlCall call,
        CancellationToken cancellation
    ) => new Watching(call, call.Parsed.All("job")).RunAsync(cancellation);
}
