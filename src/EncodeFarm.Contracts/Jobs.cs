using System.Text.Json.Serialization;

namespace EncodeFarm.Contracts;

/// <summary>Asks for a job: one source and one profile.</summary>
/// <param name="Source">Absolute path, as the coordinator sees it.</param>
/// <param name="Profile">A name; null for the coordinator's default.</param>
/// <param name="Settings"><c>key=value</c>, as with <c>encode -s</c>.</param>
/// <param name="Output">Absolute path of a file or a directory; null puts it beside the source.</param>
/// <param name="Overwrite">Replace an existing file, once the new one is validated.</param>
/// <param name="Priority">Higher ones come first; 0 is usual.</param>
/// <param name="Key">Chosen by the client: the same key always gives the same job.</param>
public sealed record SubmitRequest(
    string Source,
    string? Profile = null,
    IReadOnlyList<string>? Settings = null,
    string? Output = null,
    bool Overwrite = false,
    int Priority = 0,
    string? Key = null
);

/// <param name="Created">False where the job was there already.</param>
public sealed record SubmitAnswer(bool Created, JobInfo Job);

/// <summary>A job in a list. What is not known (yet) is null.</summary>
/// <param name="State">Submitted, Analyzing, Segmenting, Encoding, Muxing, Validating, Completed, Failed or Cancelled.</param>
/// <param name="Segments">Of all renditions; 0 before the plan is made.</param>
/// <param name="Running">Segments that are being encoded.</param>
/// <param name="Delivered">Renditions that lie at their destination.</param>
/// <param name="Fraction">0..1 of the frames to encode, the running ones in part.</param>
/// <param name="Fps">Source frames a second so far.</param>
/// <param name="EtaSeconds">At that speed.</param>
/// <param name="Waiting">Why nothing happens, as a phrase.</param>
/// <param name="ErrorKind">BadInput, BadOutput, ToolFailed, …</param>
public sealed record JobInfo(
    string Id,
    string Source,
    string Profile,
    string State,
    bool Paused,
    int Priority,
    int Segments,
    int SegmentsDone,
    int Running,
    int Renditions,
    int Delivered,
    double? Fraction,
    double? Fps,
    double? EtaSeconds,
    IReadOnlyList<string> Outputs,
    DateTimeOffset SubmittedAt,
    DateTimeOffset? FinishedAt,
    string? Waiting,
    string? Error,
    string? ErrorKind
)
{
    /// <summary>Completed, failed or cancelled.</summary>
    public bool Finished => State is "Completed" or "Failed" or "Cancelled";
}

public sealed record JobList(IReadOnlyList<JobInfo> Jobs);

/// <param name="Tasks">What the coordinator itself does for it now: "segmenter-plan", "audio-0-1", "muxer-0".</param>
public sealed record JobDetail(
    JobInfo Job,
    IReadOnlyList<RenditionInfo> Renditions,
    int AudioTracks,
    int AudioTracksDone,
    IReadOnlyList<AttemptInfo> Attempts,
    IReadOnlyList<string> Tasks,
    IReadOnlyList<string> Warnings
);

/// <param name="State">Encoding, Encoded, Validated, Delivered, Failed or Skipped.</param>
/// <param name="Error">Why it failed, or is not made.</param>
public sealed record RenditionInfo(
    string Name,
    string Output,
    string State,
    int Segments,
    int SegmentsDone,
    long? SizeBytes,
    string? Error
);

/// <summary>One segment of one rendition.</summary>
/// <param name="Rendition">Its name.</param>
/// <param name="State">waiting, running, done or failed.</param>
/// <param name="Node">Where it runs, or was made.</param>
/// <param name="Phase">Of a running one: "probe 2, CRF 34".</param>
/// <param name="Waiting">Why a waiting one waits, as a phrase.</param>
public sealed record SegmentInfo(
    string Rendition,
    int Index,
    int StartFrame,
    int Frames,
    string State,
    string? Node,
    string? Phase,
    double? Fraction,
    double? Fps,
    int Attempts,
    int Failures,
    int Losses,
    double? Crf,
    int? Tier,
    double? Vmaf,
    long? SizeBytes,
    string? Waiting
);

public sealed record SegmentList(string Job, IReadOnlyList<SegmentInfo> Segments);

/// <summary>A segment on its way.</summary>
/// <param name="Started">False between the assignment and the node's word that it runs.</param>
public sealed record AttemptInfo(
    string Attempt,
    string Job,
    string Rendition,
    int Segment,
    int Tier,
    string Node,
    bool Started,
    string? Phase,
    double? Fraction,
    double? Fps,
    DateTimeOffset Since
);

public sealed record AttemptList(IReadOnlyList<AttemptInfo> Attempts);

/// <summary>A line of a job's journal.</summary>
/// <param name="Type">Its versioned name: "segment-encoded.v1".</param>
/// <param name="Level">debug, info, warning or error.</param>
public sealed record EventInfo(
    long Sequence,
    DateTimeOffset At,
    string Type,
    string Level,
    string Text
);

/// <param name="Next">Ask again with <c>after</c> = this.</param>
/// <param name="Over">Nothing more will come.</param>
/// <param name="Waited">The coordinator has waited for events: ask again at once.</param>
public sealed record EventPage(
    IReadOnlyList<EventInfo> Events,
    long Next,
    bool Over,
    bool Waited = false
);

/// <param name="Now">Withdraw running attempts instead of letting them finish.</param>
public sealed record PauseRequest(bool Now = false);

public sealed record PriorityRequest([property: JsonRequired] int Priority);
