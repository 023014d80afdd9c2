using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Tests.Reports;

/// <summary>Reports of made-up jobs.</summary>
public static class ReportSamples
{
    public static EncodeReport Delivered { get; } =
        new(
            [
                new JobReport(
                    "00ff",
                    "/in/film.mkv",
                    "Completed",
                    null,
                    null,
                    1000 << 10,
                    new AnalysisReport(
                        456,
                        1280,
                        720,
                        "24000/1001",
                        false,
                        19.019,
                        "none",
                        null,
                        null,
                        false
                    ),
                    [
                        new RenditionReport(
                            "av1-vmaf",
                            "/out/film.av1-vmaf.mkv",
                            "Delivered",
                            "abcd",
                            456,
                            250 << 10,
                            45.6,
                            null,
                            new VmafReport(93.5, 93.4, 80.25, null, null, "vmaf_v0.6.1"),
                            [
                                new SegmentReport(
                                    0,
                                    0,
                                    360,
                                    31,
                                    1,
                                    1,
                                    "local",
                                    3,
                                    new SegmentVmafReport(93, 92.9, 80.25),
                                    200 << 10,
                                    10,
                                    5,
                                    2,
                                    false
                                ),
                                new SegmentReport(
                                    1,
                                    360,
                                    96,
                                    15,
                                    4,
                                    3,
                                    "other",
                                    9,
                                    new SegmentVmafReport(85, 84.5, 81),
                                    50 << 10,
                                    4,
                                    1,
                                    0.5,
                                    true
                                ),
                            ]
                        ),
                    ],
                    ["The subtitle track 4 was left out."]
                ),
            ],
            new CpuReport(0.5, 14, 6, 2.5, 0.25, 0.1, 0.2),
            52.5
        );

    public static EncodeReport Failed { get; } =
        new(
            [
                new JobReport(
                    "00fe",
                    "/in/x.txt",
                    "Failed",
                    "'/in/x.txt' is no video.",
                    "BadInput",
                    5,
                    null,
                    [],
                    []
                ),
            ],
            new CpuReport(null, null, null, null, null, null, null),
            0.5
        );
}
