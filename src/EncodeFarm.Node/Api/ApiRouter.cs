using System.Globalization;
using System.Text.Json;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Api;

/// <summary>What the API decides by, beside the coordinator.</summary>
/// <param name="Configuration">Of the coordinator: profiles, roots, defaults.</param>
public sealed record ApiOptions(FarmConfiguration Configuration, TimeProvider Time)
{
    public AnswerLimits Limits { get; init; } = AnswerLimits.Standard;

    /// <summary>Whether workers get copied pieces of a source, because they may not see the file.</summary>
    public bool NeedsPieces(string source) =>
        Configuration.Farm.Cluster.Broker is not null
        && !Roots.Contain(Configuration.Farm.Cluster.SharedRoots, source);
}

/// <summary>
/// The API on the coordinator that decides. It is written once: the node's own listener and the requests that other
/// nodes forward both end here.
/// </summary>
public sealed class ApiRouter(ICoordinator coordinator, ApiOptions options)
{
    /// <summary>Shorter beginnings of an id name too much.</summary>
    private const int ShortestPrefix = 4;

    private DateTimeOffset Now => options.Time.GetUtcNow();

    /// <summary>Never throws but for a cancelled caller.</summary>
    public async Task<ApiReply> HandleAsync(ApiRequest request, CancellationToken cancellation)
    {
        try
        {
            return await RouteAsync(request, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            return Replies.Of(error);
        }
    }

    private Task<ApiReply> RouteAsync(ApiRequest request, CancellationToken cancellation) =>
        (request.Method, request.Path.Split('/')) switch
        {
            ("POST", ["jobs"]) => SubmitAsync(request, cancellation),
            ("GET", ["jobs"]) => JobsAsync(request, cancellation),
            ("GET", ["jobs", var id]) => OfJobAsync(
                id,
                cancellation,
                (full, state) =>
                    Replies.Ok(JobViews.Detail(full, state, coordinator.Monitor.Dispatch, Now))
            ),
            ("GET", ["jobs", var id, "segments"]) => OfJobAsync(
                id,
                cancellation,
                (full, state) =>
                    Replies.Ok(JobViews.Segments(full, state, coordinator.Monitor.Dispatch, Now))
            ),
            ("GET", ["jobs", var id, "report"]) => OfJobAsync(id, cancellation, Report),
            ("GET", ["jobs", var id, "events"]) => EventsAsync(id, request, cancellation),
            ("POST", ["jobs", var id, "cancel"]) => CommandAsync(id, new Cancel(), cancellation),
            ("POST", ["jobs", var id, "pause"]) => CommandAsync(
                id,
                new Pause(request.Body is not null && Body<PauseRequest>(request).Now),
                cancellation
            ),
            ("POST", ["jobs", var id, "resume"]) => CommandAsync(id, new Resume(), cancellation),
            ("POST", ["jobs", var id, "retry"]) => CommandAsync(id, new Retry(), cancellation),
            ("POST", ["jobs", var id, "priority"]) => CommandAsync(
                id,
                new ChangePriority(
                    Priorities.RequireInRange(Body<PriorityRequest>(request).Priority)
                ),
                cancellation
            ),
            ("GET", ["attempts"]) => Task.FromResult(Replies.Ok(Attempts())),
            ("GET", ["leader"]) => Task.FromResult(Replies.Ok(Leader())),
            ("GET", ["members"]) => Task.FromResult(
                Replies.Ok(MemberViews.Of(coordinator.Members))
            ),
            ("POST", ["members", var wish]) => new MemberCommands(coordinator).RunAsync(
                wish,
                request.Body is null ? null : Body<MemberRequest>(request),
                cancellation
            ),
            ("GET", ["nodes"]) => NodesAsync(request, cancellation),
            ("GET", ["nodes", var name]) => Task.FromResult(
                Replies.Ok(Node(MemberViews.Find(coordinator.Members, Text(name))))
            ),
            ("POST", ["nodes", var name, "slots"]) => new NodeWishes(
                coordinator,
                options.Time
            ).SlotsAsync(Text(name), Body<SlotsRequest>(request), cancellation),
            ("POST", ["nodes", var name, "labels"]) => new NodeWishes(
                coordinator,
                options.Time
            ).LabelsAsync(Text(name), Body<LabelsRequest>(request), cancellation),
            ("GET", ["nodes", var name, "guard"]) => Task.FromResult(
                new NodeWishes(coordinator, options.Time).Guard(Text(name))
            ),
            ("POST", ["nodes", var name, "guard"]) => new NodeWishes(
                coordinator,
                options.Time
            ).GuardAsync(Text(name), Body<GuardRequest>(request), cancellation),
            _ => throw Refusal.NotFound(
                $"There is no {request.Method} {ApiPaths.Root}{request.Path}.",
                "See docs/api.md."
            ),
        };

    private async Task<ApiReply> SubmitAsync(ApiRequest request, CancellationToken cancellation)
    {
        var submission = new Submission(coordinator, options);
        var (created, id, state) = await submission.SubmitAsync(
            Body<SubmitRequest>(request),
            cancellation
        );
        var answer = new SubmitAnswer(created, Info(id, state));
        return new ApiReply(created ? 201 : 200, ContractsJson.Write(answer));
    }

    private async Task<ApiReply> JobsAsync(ApiRequest request, CancellationToken cancellation)
    {
        var open = Parameter(request, "open") == "true";
        var (monitor, now) = (coordinator.Monitor, Now);
        var jobs = (await coordinator.JobsAsync(cancellation))
            .Where(entry => !open || !entry.Over)
            .Select(entry =>
                JobViews.Of(
                    entry,
                    monitor.Videos.GetValueOrDefault(entry.Id),
                    monitor.Dispatch,
                    now
                )
            )
            .Where(job => !open || !job.Finished);
        return Replies.Ok(new JobList([.. jobs]));
    }

    private async Task<ApiReply> OfJobAsync(
        string job,
        CancellationToken cancellation,
        Func<string, VideoState, ApiReply> answer
    )
    {
        var (id, state) = await FindAsync(job, cancellation);
        return answer(id, state);
    }

    private ApiReply Report(string id, VideoState state)
    {
        var wall = (state.FinishedAt ?? Now) - state.SubmittedAt;
        var report = ReportBuilder.Build([(state.Spec! with { Id = id }, state)], wall);
        return new ApiReply(200, NodeJson.Write(report));
    }

    private async Task<ApiReply> EventsAsync(
        string job,
        ApiRequest request,
        CancellationToken cancellation
    )
    {
        var after = Number(request, "after", 0, long.MaxValue) ?? 0;
        var (id, _) = await FindAsync(job, cancellation);
        var pages = new EventPages(coordinator, options.Time);
        return Replies.Ok(
            Parameter(request, "wait") == "true"
                ? await pages.NextAsync(id, after, cancellation)
                : await pages.NowAsync(id, after, cancellation)
        );
    }

    private async Task<ApiReply> CommandAsync(
        string job,
        VideoInput command,
        CancellationToken cancellation
    )
    {
        var (id, _) = await FindAsync(job, cancellation);
        var answer = await coordinator.CommandAsync(id, command, cancellation) ?? throw NoJob(job);
        if (answer.Error is { } error)
        {
            throw Refusal.Unavailable($"It could not be recorded: {error}", "Ask again.");
        }
        return answer.Refusal is { } refusal
            ? throw Refusal.Conflict(refusal)
            : Replies.Ok(Info(id, answer.State));
    }

    private AttemptList Attempts()
    {
        var monitor = coordinator.Monitor;
        return new AttemptList([
            .. monitor.Dispatch.Leases.Select(lease =>
                JobViews.Attempt(lease, monitor.Videos.GetValueOrDefault(lease.Video))
            ),
        ]);
    }

    private LeaderInfo Leader()
    {
        var member = coordinator.Members.Find(coordinator.Self);
        return new LeaderInfo(
            member is null ? coordinator.Self.Name : MemberViews.AddressOf(member.Card),
            coordinator.Self.Name,
            coordinator.Epoch
        );
    }

    /// <summary>With a version that was seen, when there is another one.</summary>
    private async Task<ApiReply> NodesAsync(ApiRequest request, CancellationToken cancellation)
    {
        if (Number(request, "after", 0, long.MaxValue) is { } seen)
        {
            await HeldBack.UntilAsync(
                stop => coordinator.Monitor.ChangedAsync(seen, stop),
                options.Time,
                cancellation
            );
        }
        // Read first: what changes meanwhile is told the next time.
        var version = coordinator.Monitor.Version;
        return Replies.Ok(
            new NodeList([.. coordinator.Members.Members.Select(Node)]) { Version = version }
        );
    }

    private NodeInfo Node(Member member) =>
        MemberViews.Node(
            member,
            coordinator.Monitor.Dispatch,
            coordinator.Monitor.Videos,
            coordinator.ResourcesOf(member.Address)
        );

    /// <summary>A job by its id, or by a beginning that no other has.</summary>
    private async Task<(string Id, VideoState State)> FindAsync(
        string job,
        CancellationToken cancellation
    )
    {
        var wanted = Text(job);
        if (await coordinator.FindAsync(wanted, cancellation) is { Spec: not null } state)
        {
            return (wanted, state);
        }
        if (wanted.Length >= ShortestPrefix)
        {
            var matches = (await coordinator.JobsAsync(cancellation))
                .Where(entry => entry.Id.StartsWith(wanted, StringComparison.Ordinal))
                .Select(entry => entry.Id)
                .ToList();
            if (matches.Count > 1)
            {
                throw Refusal.Conflict(
                    $"'{wanted}' is the beginning of {matches.Count} jobs: {string.Join(", ", matches.Take(5))}.",
                    "Give more of it."
                );
            }
            if (
                matches.Count == 1
                && await coordinator.FindAsync(matches[0], cancellation) is { } found
            )
            {
                return (matches[0], found);
            }
        }
        throw NoJob(wanted);
    }

    private static Refusal NoJob(string job) =>
        Refusal.NotFound($"There is no job '{job}'.", "See 'encode list'.");

    private JobInfo Info(string id, VideoState state) =>
        JobViews.Of(JobEntry.Of(id, 0, state), state, coordinator.Monitor.Dispatch, Now);

    private static string Text(string part) => Uri.UnescapeDataString(part);

    private static string? Parameter(ApiRequest request, string name) =>
        request.Query?.GetValueOrDefault(name);

    private static long? Number(ApiRequest request, string name, long least, long most)
    {
        if (Parameter(request, name) is not { } text)
        {
            return null;
        }
        return
            long.TryParse(text, NumberStyles.None, null, out var number)
            && number >= least
            && number <= most
            ? number
            : throw Refusal.Usage(
                $"'{name}' is '{text}', but must be a whole number from {least} on."
            );
    }

    private static T Body<T>(ApiRequest request)
    {
        try
        {
            return ContractsJson.Read<T>(request.Body ?? "");
        }
        catch (JsonException error)
        {
            throw Refusal.Usage(
                $"The body is not the JSON that is expected: {error.Message}",
                "See docs/api.md."
            );
        }
    }
}
