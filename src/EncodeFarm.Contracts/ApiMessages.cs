namespace EncodeFarm.Contracts;

/// <summary>A question to the API, whichever way it travels: over HTTP or from node to node.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">Below <see cref="ApiPaths.Root"/>, without a slash at the front: <c>jobs/0123/segments</c>.</param>
/// <param name="Query">Parameters after the question mark.</param>
/// <param name="Body">JSON, or null.</param>
/// <param name="AsOf">When it was asked, where it travels from node to node.</param>
public sealed record ApiRequest(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string>? Query = null,
    string? Body = null,
    EpochTime? AsOf = null
);

/// <summary>A moment that all nodes can tell without clocks of the same time: how long an epoch had lasted.</summary>
/// <param name="Seconds">Since the coordinator of that epoch began to decide, on its monotonic clock.</param>
public sealed record EpochTime(long Epoch, double Seconds);

/// <param name="Status">As in HTTP.</param>
/// <param name="Json">The answer, or a <see cref="Problem"/> from 400 on.</param>
public sealed record ApiReply(int Status, string Json)
{
    public bool Ok => Status < 400;
}

/// <summary>Why something was not done.</summary>
/// <param name="Error">What failed, as one or two whole sentences.</param>
/// <param name="Advice">What to do next.</param>
/// <param name="Kind">One of <see cref="ProblemKind"/>; programs decide by it.</param>
public sealed record Problem(string Error, string? Advice, string Kind)
{
    /// <summary>All that there is to say.</summary>
    public string Sentence() => Advice is null ? Error : $"{Error} {Advice}";
}

/// <summary>The kinds of problems. More may come: treat an unknown one as <see cref="Failed"/>.</summary>
public static class ProblemKind
{
    /// <summary>The request itself is wrong: 400.</summary>
    public const string Usage = "usage";

    /// <summary>The source can't be used: 400.</summary>
    public const string BadInput = "bad-input";

    /// <summary>The destination can't be used: 400.</summary>
    public const string BadOutput = "bad-output";

    /// <summary>The token is missing or wrong: 401 or 403.</summary>
    public const string NotAllowed = "not-allowed";

    /// <summary>404.</summary>
    public const string NotFound = "not-found";

    /// <summary>It contradicts the present state: 409.</summary>
    public const string Conflict = "conflict";

    /// <summary>Too many requests at once: 429.</summary>
    public const string Busy = "busy";

    /// <summary>No coordinator, broker or journal can be reached: 503.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>No answer in time: 504.</summary>
    public const string Timeout = "timeout";

    /// <summary>A tool is missing: 400.</summary>
    public const string ToolMissing = "tool-missing";

    /// <summary>Anything else: 500.</summary>
    public const string Failed = "failed";
}

/// <summary>A problem that was answered.</summary>
public sealed class FarmApiException(int status, Problem problem) : Exception(problem.Sentence())
{
    /// <summary>As in HTTP; 0 where there was no answer at all.</summary>
    public int Status { get; } = status;

    public Problem Problem { get; } = problem;
}

public static class ApiPaths
{
    public const string Root = "/api/v1/";
    public const string Palettes = "/control/palettes";
    public const string Values = "/control/values";
    public const string Run = "/control/run";

    /// <summary>Where a node listens, where nobody says it.</summary>
    public const string DefaultHost = "127.0.0.1";
    public const int DefaultPort = 9110;
}
