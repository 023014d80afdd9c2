using System.Text.Json;

namespace EncodeFarm.Contracts;

/// <summary>Answers a request of the API: a router, a node that forwards, or an HTTP client.</summary>
public delegate Task<ApiReply> ApiCall(ApiRequest request, CancellationToken cancellation);

/// <summary>
/// The API as methods, whichever way its requests travel. All throw <see cref="FarmApiException"/> where the answer
/// is a problem. A job is named by its id or the beginning of it; a node by its name or address.
/// </summary>
public sealed class FarmApi(ApiCall call)
{
    public Task<SubmitAnswer> SubmitAsync(SubmitRequest request, CancellationToken cancellation) =>
        PostAsync<SubmitRequest, SubmitAnswer>("jobs", request, cancellation);

    /// <param name="open">Only those that are not finished.</param>
    public Task<JobList> JobsAsync(bool open, CancellationToken cancellation) =>
        GetAsync<JobList>(
            "jobs",
            cancellation,
            open ? new Dictionary<string, string> { ["open"] = "true" } : null
        );

    public Task<JobDetail> JobAsync(string job, CancellationToken cancellation) =>
        GetAsync<JobDetail>(Job(job), cancellation);

    public Task<SegmentList> SegmentsAsync(string job, CancellationToken cancellation) =>
        GetAsync<SegmentList>($"{Job(job)}/segments", cancellation);

    /// <returns>The JSON of <c>encode --json</c>.</returns>
    public Task<string> ReportAsync(string job, CancellationToken cancellation) =>
        SendAsync(new ApiRequest("GET", $"{Job(job)}/report"), cancellation);

    /// <param name="after">Sequence number; 0 from the beginning.</param>
    /// <param name="waits">Where there is nothing yet, the answer comes with the next event, or after a second.</param>
    public Task<EventPage> EventsAsync(
        string job,
        long after,
        CancellationToken cancellation,
        bool waits = false
    ) =>
        GetAsync<EventPage>(
            $"{Job(job)}/events",
            cancellation,
            new Dictionary<string, string>
            {
                ["after"] = after.ToString(),
                ["wait"] = waits ? "true" : "false",
            }
        );

    public Task<JobInfo> CancelAsync(string job, CancellationToken cancellation) =>
        PostAsync<PauseRequest, JobInfo>($"{Job(job)}/cancel", null, cancellation);

    public Task<JobInfo> PauseAsync(string job, bool now, CancellationToken cancellation) =>
        PostAsync<PauseRequest, JobInfo>($"{Job(job)}/pause", new(now), cancellation);

    public Task<JobInfo> ResumeAsync(string job, CancellationToken cancellation) =>
        PostAsync<PauseRequest, JobInfo>($"{Job(job)}/resume", null, cancellation);

    public Task<JobInfo> RetryAsync(string job, CancellationToken cancellation) =>
        PostAsync<PauseRequest, JobInfo>($"{Job(job)}/retry", null, cancellation);

    public Task<JobInfo> PriorityAsync(string job, int priority, CancellationToken cancellation) =>
        PostAsync<PriorityRequest, JobInfo>($"{Job(job)}/priority", new(priority), cancellation);

    public Task<AttemptList> AttemptsAsync(CancellationToken cancellation) =>
        GetAsync<AttemptList>("attempts", cancellation);

    public Task<LeaderInfo> LeaderAsync(CancellationToken cancellation) =>
        GetAsync<LeaderInfo>("leader", cancellation);

    public Task<MemberList> MembersAsync(CancellationToken cancellation) =>
        GetAsync<MemberList>("members", cancellation);

    /// <param name="wish">drain, undrain, leave or down.</param>
    public Task<Done> MemberAsync(
        string wish,
        MemberRequest request,
        CancellationToken cancellation
    ) => PostAsync<MemberRequest, Done>($"members/{wish}", request, cancellation);

    public Task<Done> DownUnreachableAsync(CancellationToken cancellation) =>
        PostAsync<MemberRequest, Done>("members/down-unreachable", null, cancellation);

    /// <param name="seen">The answer comes when any job or attempt has changed since this version, or after a second.</param>
    public Task<NodeList> NodesAsync(CancellationToken cancellation, long? seen = null) =>
        GetAsync<NodeList>(
            "nodes",
            cancellation,
            seen is { } version
                ? new Dictionary<string, string> { ["after"] = version.ToString() }
                : null
        );

    public Task<NodeInfo> NodeAsync(string node, CancellationToken cancellation) =>
        GetAsync<NodeInfo>($"nodes/{Uri.EscapeDataString(node)}", cancellation);

    public Task<Done> SlotsAsync(string node, int slots, CancellationToken cancellation) =>
        PostAsync<SlotsRequest, Done>(
            $"nodes/{Uri.EscapeDataString(node)}/slots",
            new(slots),
            cancellation
        );

    public Task<NodeLabels> LabelsAsync(
        string node,
        LabelsRequest change,
        CancellationToken cancellation
    ) =>
        PostAsync<LabelsRequest, NodeLabels>(
            $"nodes/{Uri.EscapeDataString(node)}/labels",
            change,
            cancellation
        );

    public Task<NodeGuard> GuardAsync(string node, CancellationToken cancellation) =>
        GetAsync<NodeGuard>($"nodes/{Uri.EscapeDataString(node)}/guard", cancellation);

    public Task<NodeGuard> GuardAsync(
        string node,
        GuardRequest change,
        CancellationToken cancellation
    ) =>
        PostAsync<GuardRequest, NodeGuard>(
            $"nodes/{Uri.EscapeDataString(node)}/guard",
            change,
            cancellation
        );

    private static string Job(string id) => $"jobs/{Uri.EscapeDataString(id)}";

    private async Task<T> GetAsync<T>(
        string path,
        CancellationToken cancellation,
        IReadOnlyDictionary<string, string>? query = null
    ) => Read<T>(await SendAsync(new ApiRequest("GET", path, query), cancellation));

    private async Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path,
        TBody? body,
        CancellationToken cancellation
    )
        where TBody : class
    {
        var json = body is null ? null : ContractsJson.Write(body);
        var answer = await SendAsync(new ApiRequest("POST", path, null, json), cancellation);
        return Read<TAnswer>(answer);
    }

    private async Task<string> SendAsync(ApiRequest request, CancellationToken cancellation)
    {
        var reply = await call(request, cancellation);
        return reply.Ok ? reply.Json : throw Problems.Of(reply);
    }

    private static T Read<T>(string json)
    {
        try
        {
            return ContractsJson.Read<T>(json);
        }
        catch (JsonException error)
        {
            throw Problems.Unreadable(error);
        }
    }
}

/// <summary>Problems that the client's side finds by itself.</summary>
public static class Problems
{
    public static FarmApiException Of(ApiReply reply)
    {
        try
        {
            return new FarmApiException(reply.Status, ContractsJson.Read<Problem>(reply.Json));
        }
        catch (JsonException)
        {
            return new FarmApiException(
                reply.Status,
                new Problem(
                    $"It answered with the status {reply.Status} and no reason.",
                    "Is it a node of EncodeFarm?",
                    reply.Status switch
                    {
                        401 or 403 => ProblemKind.NotAllowed,
                        404 => ProblemKind.NotFound,
                        429 => ProblemKind.Busy,
                        503 => ProblemKind.Unavailable,
                        504 => ProblemKind.Timeout,
                        _ => ProblemKind.Failed,
                    }
                )
            );
        }
    }

    public static FarmApiException Unreadable(Exception error) =>
        new(
            0,
            new Problem(
                $"The answer can't be read: {error.Message}",
                "Is it a node of EncodeFarm, and of a version that fits?",
                ProblemKind.Failed
            )
        );
}
