namespace EncodeFarm.Contracts.Control;

/// <summary>What has happened to a member.</summary>
/// <param name="Event">status, reachability or draining.</param>
/// <param name="From">Of a status: null for a new member.</param>
public sealed record MemberEventRow(
    DateTimeOffset At,
    string Address,
    string Name,
    string Event,
    string? From,
    string To,
    string? Reason
);

/// <param name="Map">A letter a segment: # done, > running, ! tried before, . waiting, x failed.</param>
public sealed record SegmentMapRow(string Rendition, string Map, int Done, int Segments);

/// <summary>A line of a node's log.</summary>
public sealed record LogRow(DateTimeOffset At, string Level, string Text);

/// <summary>In the middle of a tail: so much is left out here, because the reader was too slow.</summary>
public sealed record DroppedRow(long Dropped);

/// <param name="Name">videos or attempts.</param>
public sealed record RegionRow(string Name, string Description);

/// <param name="Entities">How many of the region live on the node.</param>
public sealed record RegionStatRow(string Region, string Node, int Entities);

/// <param name="About">Source of a video; job, rendition and segment of an attempt.</param>
public sealed record EntityRow(string Region, string Id, string Node, string About);

public sealed record ActorSystemRow(
    string Name,
    string Node,
    int Actors,
    int Mailboxes,
    int Restarts
);

/// <param name="Mailbox">Messages that wait.</param>
public sealed record ActorRow(
    string Path,
    string Type,
    string State,
    int Mailbox,
    int Restarts,
    string? LastFailure
);

public sealed record UptimeRow(DateTimeOffset StartedAt, double Seconds);

/// <param name="Protocol">Of the cluster: nodes of one work together.</param>
public sealed record VersionRow(string Product, string Version, int Protocol, string Runtime);

/// <param name="Found">Version, "yes" or "no".</param>
public sealed record ToolRow(string Name, string Found, string? Path);
