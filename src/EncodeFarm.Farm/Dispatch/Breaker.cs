using System.Collections.Immutable;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Dispatch;

/// <summary>What the result of an attempt says about the node that made it.</summary>
public enum AttemptVerdict
{
    /// <summary>A good segment, or an honest "this quality can't be reached": the node works.</summary>
    Works,

    /// <summary>Nothing: the source is bad, or the store is away.</summary>
    Nothing,

    /// <summary>The environment failed: exit code, stall, time.</summary>
    Failed,

    /// <summary>A tool of the node is missing or its disk is full: no segment would fare better there.</summary>
    Unfit,
}

/// <summary>A failure on a node, as the breaker remembers it.</summary>
public sealed record NodeFailure(string Video, SegmentId Segment, string Attempt);

/// <summary>
/// The circuit breaker of one node: failures of three different segments in a row with no success between
/// open it for 300 s, then it gets one attempt as a trial.
/// </summary>
/// <param name="Failures">In a row, one for each segment.</param>
/// <param name="OpenUntil">Takes nothing before; null where it is closed.</param>
public sealed record Breaker(ImmutableList<NodeFailure> Failures, DateTimeOffset? OpenUntil)
{
    public const int Limit = 3;
    public static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(300);
    public static readonly Breaker Closed = new([], null);

    /// <summary>After the time a single attempt shows whether the node works again.</summary>
    public bool OnTrial(DateTimeOffset now) => OpenUntil <= now;

    public bool IsOpen(DateTimeOffset now) => OpenUntil > now;

    /// <param name="elsewhere">The segment has also failed on another node: it may be the segment's fault.</param>
    /// <param name="only">There is no other node that could do the work.</param>
    public Breaker After(
        AttemptVerdict verdict,
        NodeFailure failure,
        bool elsewhere,
        bool only,
        DateTimeOffset now
    )
    {
        if (verdict == AttemptVerdict.Works)
        {
            return Closed;
        }
        if (verdict == AttemptVerdict.Nothing)
        {
            return this;
        }
        var ignored = elsewhere || (only && verdict != AttemptVerdict.Unfit);
        if (ignored)
        {
            return this;
        }
        if (OpenUntil is not null)
        {
            // Late results of before the opening change nothing; a failed trial opens it anew.
            return OnTrial(now) ? this with { OpenUntil = now + OpenFor } : this;
        }
        var others = Failures.RemoveAll(known =>
            known.Video == failure.Video && known.Segment == failure.Segment
        );
        var failures = others.Add(failure);
        return new Breaker(failures, failures.Count >= Limit ? now + OpenFor : null);
    }

    /// <summary>Why the node gets nothing; null where it may.</summary>
    public string? Reason(DateTimeOffset now) =>
        IsOpen(now)
            ? $"breaker open until {OpenUntil:HH:mm} UTC: {Limit} segments failed in a row"
            : null;
}
