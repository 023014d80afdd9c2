using EncodeFarm.Actors.Persistence;
using EncodeFarm.Cluster;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Api;

/// <summary>A request that is not followed, as its answer.</summary>
public sealed class Refusal(int status, string kind, string error, string? advice = null)
    : Exception(error)
{
    public ApiReply Reply { get; } = Replies.Problem(status, new Problem(error, advice, kind));

    public static Refusal Usage(string error, string? advice = null) =>
        new(400, ProblemKind.Usage, error, advice);

    public static Refusal NotFound(string error, string? advice = null) =>
        new(404, ProblemKind.NotFound, error, advice);

    public static Refusal Conflict(string error, string? advice = null) =>
        new(409, ProblemKind.Conflict, error, advice);

    public static Refusal Unavailable(string error, string? advice = null) =>
        new(503, ProblemKind.Unavailable, error, advice);

    public static Refusal Timeout(string error, string? advice = null) =>
        new(504, ProblemKind.Timeout, error, advice);
}

public static class Replies
{
    public static ApiReply Ok<T>(T value) => new(200, ContractsJson.Write(value));

    public static ApiReply Problem(int status, Problem problem) =>
        new(status, ContractsJson.Write(problem));

    /// <summary>What a client is told of an error. Nothing of the program's inside is in it.</summary>
    public static ApiReply Of(Exception error) =>
        error switch
        {
            Refusal refusal => refusal.Reply,
            FarmApiException known => Problem(
                known.Status == 0 ? 502 : known.Status,
                known.Problem
            ),
            FarmException known => Of(known),
            ClusterException known => Of(known),
            OperationCanceledException or TimeoutException => Problem(
                504,
                new Problem(
                    "The coordinator did not answer in time.",
                    "Try again; it may be busy with its journal.",
                    ProblemKind.Timeout
                )
            ),
            UnreadableJournalException known => Problem(
                500,
                new Problem(
                    $"The job can't be opened: {known.Message}",
                    "Run a version of EncodeFarm that can read it on the coordinators, or submit its source again with a key of its own.",
                    ProblemKind.Failed
                )
            ),
            IOException known => Problem(
                503,
                new Problem(known.Message, "Try again.", ProblemKind.Unavailable)
            ),
            _ => Problem(
                500,
                new Problem(
                    $"This is an error in the program ({error.GetType().Name}).",
                    "The node's log has the details.",
                    ProblemKind.Failed
                )
            ),
        };

    private static ApiReply Of(FarmException error)
    {
        var (status, kind) = error.Error switch
        {
            FarmError.BadInput => (400, ProblemKind.BadInput),
            FarmError.BadOutput => (400, ProblemKind.BadOutput),
            FarmError.BadConfiguration => (400, ProblemKind.Usage),
            FarmError.ToolMissing => (400, ProblemKind.ToolMissing),
            FarmError.Busy => (409, ProblemKind.Conflict),
            _ => (500, ProblemKind.Failed),
        };
        return Problem(status, new Problem(error.Message, null, kind));
    }

    private static ApiReply Of(ClusterException error)
    {
        var (status, kind) = error.Error switch
        {
            ClusterError.IllegalTransition or ClusterError.Refused => (409, ProblemKind.Conflict),
            _ => (503, ProblemKind.Unavailable),
        };
        return Problem(status, new Problem(error.Message, null, kind));
    }
}
