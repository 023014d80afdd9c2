using System.Text.Json;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Tests.Reports;

/// <summary>Scripts rely on these names: the sample is the one of the documentation.</summary>
public sealed class ReportJsonTests
{
    private const string Documented = """
        { "jobs": [ { "id": "…", "source": "…", "state": "Completed", "error": null,
            "analysis": { "frames": 1440, "width": 1280, "height": 720, "frameRate": "24000/1001", "variableFrameRate": false, "durationSeconds": 60.06,
                          "hdr": "none|pq|hlg", "dolbyVision": null, "crop": null, "interlaced": false },
            "renditions": [ { "name": "av1-vmaf", "path": "…", "state": "Delivered", "videoSha256": "…", "frames": 1440, "sizeBytes": 0, "encodeSeconds": 0.0,
                "vmaf": { "mean": 0.0, "harmonicMean": 0.0, "min": 0.0, "p1": 0.0, "p5": 0.0 },
                "segments": [ { "index": 0, "startFrame": 0, "frames": 360, "crf": 31.0, "tier": 1, "attempts": 1, "node": "…", "probes": 3,
                                "vmaf": { "mean": 0.0, "harmonicMean": 0.0, "min": 0.0 }, "sizeBytes": 0,
                                "searchCpuSeconds": 0.0, "encodeCpuSeconds": 0.0, "measureCpuSeconds": 0.0, "belowTarget": false } ] } ],
            "warnings": [] } ],
          "cpuSeconds": { "cut": 0.0, "search": 0.0, "encode": 0.0, "measure": 0.0, "audio": 0.0, "mux": 0.0, "validate": 0.0 }, "wallSeconds": 0.0 }
        """;

    private static readonly string[] Added =
    [
        "jobs.errorKind",
        "jobs.sourceBytes",
        "jobs.renditions.error",
        "jobs.renditions.vmaf.model",
        "jobs.renditions.vmaf.psnr",
        "jobs.renditions.vmaf.ssim",
        "jobs.renditions.segments.vmaf.psnr",
        "jobs.renditions.segments.vmaf.ssim",
        "jobs.renditions.skipped",
        "jobs.unchunked",
    ];

    [Fact]
    public void The_JSON_has_the_documented_names_and_no_others()
    {
        using var documented = JsonDocument.Parse(Documented);
        using var written = JsonDocument.Parse(NodeJson.Write(ReportSamples.Delivered));

        Names(written.RootElement)
            .Except(Added)
            .ShouldBe(Names(documented.RootElement), ignoreOrder: true);
    }

    [Fact]
    public void The_unknown_is_null()
    {
        using var written = JsonDocument.Parse(NodeJson.Write(ReportSamples.Failed));

        written
            .RootElement.GetProperty("cpuSeconds")
            .GetProperty("encode")
            .ValueKind.ShouldBe(JsonValueKind.Null);
        var job = written.RootElement.GetProperty("jobs")[0];
        job.GetProperty("analysis").ValueKind.ShouldBe(JsonValueKind.Null);
        job.GetProperty("renditions").GetArrayLength().ShouldBe(0);
        job.GetProperty("error").GetString().ShouldBe("'/in/x.txt' is no video.");
    }

    private static HashSet<string> Names(JsonElement element, string prefix = "") =>
        element.ValueKind switch
        {
            JsonValueKind.Object =>
            [
                .. element
                    .EnumerateObject()
                    .SelectMany(property =>
                        Names(property.Value, $"{prefix}.{property.Name}")
                            .Append($"{prefix}.{property.Name}".TrimStart('.'))
                    ),
            ],
            JsonValueKind.Array =>
            [
                .. element.EnumerateArray().SelectMany(item => Names(item, prefix)),
            ],
            _ => [],
        };
}
