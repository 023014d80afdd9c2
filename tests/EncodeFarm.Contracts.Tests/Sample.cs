using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Contracts.Tests;

/// <summary>Palettes of a made-up node.</summary>
public static class Sample
{
    public static readonly IReadOnlyList<PaletteDefinition> Palettes =
    [
        new(
            "encode",
            "Jobs.",
            [
                new(
                    "submit",
                    "Makes a job of each source.",
                    [
                        new("source", "Video files.", Mandatory: true, Repeats: true),
                        new(
                            "profile",
                            "What is made of them.",
                            ["-p", "--profile"],
                            Values: "profile",
                            Default: "av1-vmaf"
                        ),
                        new("key=value", "A setting.", ["-s", "--set"], Repeats: true),
                        new("watch", "Watch the jobs.", ["--watch"], Flag: true, Streams: true),
                    ]
                ),
                new(
                    "priority",
                    "Higher ones come first.",
                    [
                        new("job", "Id of the job.", Mandatory: true, Values: "job"),
                        new("n", "0 is usual.", Mandatory: true),
                    ]
                ),
                new("list", "All jobs.", []),
                new(
                    "show",
                    "A job.",
                    [new("job", "Id of the job.", Mandatory: true, Values: "job")]
                ),
            ]
        ),
        new(
            "cluster",
            "Members.",
            [
                new("show", "All members.", []),
                new("tail", "What happens.", [], Streams: true),
                new(
                    "down",
                    "Gives a member up.",
                    [
                        new(
                            "address",
                            "Name of a member.",
                            ["-a", "--address"],
                            Mandatory: true,
                            Values: "node"
                        ),
                        new("force", "Also the coordinator.", ["--force"], Flag: true),
                    ]
                ),
            ]
        ),
        new(
            "cluster-sharding",
            "Where things live.",
            [
                new(
                    "region-stats",
                    "How many.",
                    [
                        new(
                            "region",
                            "Only this one.",
                            ["-r", "--region"],
                            Offers: ["videos", "attempts"]
                        ),
                    ]
                ),
            ]
        ),
    ];
}
