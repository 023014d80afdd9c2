using static EncodeFarm.Node.Configuration.SettingTypes;

namespace EncodeFarm.Node.Configuration;

/// <summary>The settings of the farm itself.</summary>
public static class FarmSchema
{
    /// <summary>ffmpeg's methods that take pictures back to memory by themselves; auto takes the first that is there.</summary>
    private static readonly string[] HardwareDecoders =
    [
        "auto",
        "vaapi",
        "cuda",
        "qsv",
        "vdpau",
        "videotoolbox",
        "vulkan",
        "drm",
    ];

    public static IReadOnlyList<FarmSetting> Settings { get; } =
    [
        FarmSetting.Of(
            "profile",
            Text("the name of a profile"),
            "av1-vmaf",
            "Profile of jobs that name none.",
            (farm, value) => farm with { Profile = value }
        ),
        FarmSetting.Of(
            "slots",
            Whole(1, 256).Or("auto"),
            "auto",
            "Segments encoded at the same time; auto goes by cores and memory.",
            (farm, value) => farm with { Slots = value }
        ),
        FarmSetting.Of(
            "work",
            TextOr("auto", "a directory"),
            "auto",
            "Where jobs keep their state; auto is $XDG_STATE_HOME/encodefarm or ~/.local/state/encodefarm.",
            (farm, value) => farm with { Work = value }
        ),
        FarmSetting.Of(
            "memory.limit",
            Bytes(256L << 20).Or("auto"),
            "auto",
            "Memory for encoders; auto is 80 % of the machine's, of which at most 8 GiB count for the default of slots.",
            (farm, value) => farm with { MemoryLimit = value }
        ),
        FarmSetting.Of(
            "guard.high",
            Whole(1, 100),
            "50",
            "Cluster workers: foreign load, % of all cores over 10 s, above which no new work is taken; 100 switches that off.",
            (farm, value) => farm with { Guard = farm.Guard with { High = value } }
        ),
        FarmSetting.Of(
            "guard.low",
            Whole(0, 100),
            "30",
            "Cluster workers: foreign load, %, below which work is taken again.",
            (farm, value) => farm with { Guard = farm.Guard with { Low = value } }
        ),
        FarmSetting.Of(
            "retries.max",
            Whole(0, 20),
            "3",
            "Repetitions of a segment after failures of the environment.",
            (farm, value) => farm with { Retries = farm.Retries with { Max = value } }
        ),
        FarmSetting.Of(
            "retries.backoff_min_seconds",
            Number(0, 3600),
            "2",
            "Pause before the first repetition, seconds; it doubles with each.",
            (farm, value) => farm with { Retries = farm.Retries with { BackoffMinSeconds = value } }
        ),
        FarmSetting.Of(
            "retries.backoff_max_seconds",
            Number(0, 3600),
            "30",
            "Longest pause, seconds.",
            (farm, value) => farm with { Retries = farm.Retries with { BackoffMaxSeconds = value } }
        ),
        FarmSetting.Of(
            "retries.random_factor",
            Number(0, 1),
            "0.2",
            "Share of a pause that chance may add.",
            (farm, value) => farm with { Retries = farm.Retries with { RandomFactor = value } }
        ),
        FarmSetting.Of(
            "attempt.stall_seconds",
            Whole(5, 86_400),
            "120",
            "An encoder without progress for this long is stopped and the attempt repeated.",
            (farm, value) => farm with { Attempt = farm.Attempt with { StallSeconds = value } }
        ),
        FarmSetting.Of(
            "attempt.timeout_seconds",
            Whole(10, 604_800),
            "14400",
            "One attempt may take this long, seconds.",
            (farm, value) => farm with { Attempt = farm.Attempt with { TimeoutSeconds = value } }
        ),
        FarmSetting.Of(
            "retention.days",
            Whole(0, 3650),
            "30",
            "Days that finished jobs keep their journal and log before clean removes them.",
            (farm, value) => farm with { RetentionDays = value }
        ),
        FarmSetting.Of(
            "input.allow_truncated",
            Switch,
            "false",
            "Encode the usable part of a source that ends early, instead of refusing it.",
            (farm, value) => farm with { AllowTruncated = value }
        ),
        FarmSetting.Of(
            "input.allow_damaged",
            Switch,
            "false",
            "Decode the whole source before planning, and leave out the pictures that can't be decoded.",
            (farm, value) => farm with { AllowDamaged = value }
        ),
        FarmSetting.Of(
            "roots.sources",
            Paths,
            "",
            "Absolute directories that sources must lie below; empty allows any.",
            (farm, value) => farm with { SourceRoots = value }
        ),
        FarmSetting.Of(
            "roots.outputs",
            Places,
            "",
            "Absolute directories and buckets (s3://bucket/folder) that outputs must lie below; empty allows any.",
            (farm, value) => farm with { OutputRoots = value }
        ),
        FarmSetting.Of(
            "s3.endpoint",
            Server,
            "auto",
            "Server of buckets that outputs go to (-o s3://…); auto is that of cluster.store, or else Amazon's.",
            (farm, value) => farm with { S3Endpoint = value }
        ),
        FarmSetting.Of(
            "s3.region",
            TextOr("auto", "a region"),
            "auto",
            "Its region; auto is that of cluster.store, or else us-east-1.",
            (farm, value) => farm with { S3Region = value }
        ),
        FarmSetting.Of(
            "log.level",
            OneOf(
                ("debug", LogLevel.Debug),
                ("info", LogLevel.Info),
                ("warning", LogLevel.Warning),
                ("error", LogLevel.Error)
            ),
            "info",
            "The least important messages that are shown.",
            (farm, value) => farm with { LogLevel = value }
        ),
        FarmSetting.Of(
            "log.format",
            OneOf(("human", LogFormat.Human), ("json", LogFormat.Json)),
            "human",
            "Sentences for people, or one JSON object a line.",
            (farm, value) => farm with { LogFormat = value }
        ),
        FarmSetting.Of(
            "hwaccel",
            OneOf<string?>([
                ("off", null),
                .. HardwareDecoders.Select(name => (name, (string?)name)),
            ]),
            "off",
            "Hardware decoding; where it fails, an attempt is repeated in software.",
            (farm, value) => farm with { HardwareDecoder = value }
        ),
        .. ClusterSchema.Settings,
    ];
}
