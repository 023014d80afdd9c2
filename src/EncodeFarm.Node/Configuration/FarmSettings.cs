namespace EncodeFarm.Node.Configuration;

public enum LogLevel
{
    Debug,
    Info,
    Warning,
    Error,
}

public enum LogFormat
{
    /// <summary>Sentences with ✓, ⚠ and ✗.</summary>
    Human,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>
/// How this machine takes part, as opposed to what is made of a source (that is a profile). Ranges and meanings are
/// those of <see cref="FarmSchema"/>.
/// </summary>
public sealed record FarmSettings
{
    /// <summary>Profile of jobs that name none.</summary>
    public string Profile { get; init; } = "av1-vmaf";

    /// <summary>Segments that are encoded at the same time, 1..256; null goes by cores and memory.</summary>
    public int? Slots { get; init; }

    /// <summary>Where jobs keep their state; null takes the user's state directory.</summary>
    public string? Work { get; init; }

    /// <summary>Memory for encoders, bytes; null takes 8 GiB or 80 % of the machine's, whichever is less.</summary>
    public long? MemoryLimit { get; init; }

    public GuardSettings Guard { get; init; } = new();
    public RetrySettings Retries { get; init; } = new();
    public AttemptSettings Attempt { get; init; } = new();

    /// <summary>Days that finished jobs keep their journal and log before <c>clean</c> removes them.</summary>
    public int RetentionDays { get; init; } = 30;

    /// <summary>Encode the usable part of a source that ends early, instead of refusing it.</summary>
    public bool AllowTruncated { get; init; }

    /// <summary>Decode sources before planning, and leave out pictures that can't be decoded.</summary>
    public bool AllowDamaged { get; init; }

    /// <summary>Sources may only be read below these; empty allows any.</summary>
    public IReadOnlyList<string> SourceRoots { get; init; } = [];

    /// <summary>Outputs may only be written below these; empty allows any.</summary>
    public IReadOnlyList<string> OutputRoots { get; init; } = [];

    /// <summary>Server of buckets that outputs go to; null takes that of the store, or else Amazon's.</summary>
    public Uri? S3Endpoint { get; init; }

    /// <summary>Its region; null takes that of the store, or else us-east-1.</summary>
    public string? S3Region { get; init; }

    public ClusterSettings Cluster { get; init; } = new();

    public LogLevel LogLevel { get; init; } = LogLevel.Info;
    public LogFormat LogFormat { get; init; } = LogFormat.Human;

    /// <summary>ffmpeg's <c>-hwaccel</c> for decoding; null decodes in software, with equal results everywhere.</summary>
    public string? HardwareDecoder { get; init; }
}

/// <summary>When this machine is busy with other things, percent of all cores over 10 s.</summary>
/// <param name="High">From here on no new attempts are taken.</param>
/// <param name="Low">Below this they are taken again.</param>
public sealed record GuardSettings(int High = 50, int Low = 30);

/// <summary>Attempts after a failure of the environment; they never change an encoding parameter.</summary>
/// <param name="Max">Repetitions per segment and tier.</param>
/// <param name="BackoffMinSeconds">Pause before the first repetition; it doubles with each (2, 4, 8).</param>
/// <param name="BackoffMaxSeconds">No pause is longer.</param>
/// <param name="RandomFactor">Share of a pause that chance may add, 0..1.</param>
public sealed record RetrySettings(
    int Max = 3,
    double BackoffMinSeconds = 2,
    double BackoffMaxSeconds = 30,
    double RandomFactor = 0.2
);

/// <param name="StallSeconds">An encoder that makes no progress for this long is stopped, and the attempt repeated.</param>
/// <param name="TimeoutSeconds">One attempt may take this long.</param>
public sealed record AttemptSettings(int StallSeconds = 120, int TimeoutSeconds = 14_400);
