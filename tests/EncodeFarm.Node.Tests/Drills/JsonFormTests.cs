using System.Text.Json;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>The report of the whole program against the form that scripts rely on: names and kinds, and null for what is not known.</summary>
public sealed class JsonFormTests : IDisposable
{
    /// <summary>One value of each kind; a "?" behind a name means that it may also be null.</summary>
    const string Form = """
        { "jobs": [ { "id?": "", "source": "", "state": "", "error?": "",
            "analysis?": { "frames": 0, "width": 0, "height": 0, "frameRate": "", "variableFrameRate": false,
                           "durationSeconds": 0.0, "hdr": "", "dolbyVision?": "", "crop?": "", "interlaced": false },
            "renditions": [ { "name": "", "path": "", "state": "", "videoSha256?": "", "frames?": 0, "sizeBytes?": 0,
                "encodeSeconds?": 0.0,
                "vmaf?": { "mean": 0.0, "harmonicMean": 0.0, "min": 0.0, "p1": 0.0, "p5": 0.0, "psnr?": 0.0, "ssim?": 0.0 },
                "segments": [ { "index": 0, "startFrame": 0, "frames": 0, "crf?": 0.0, "tier?": 1, "attempts": 1,
                                "node?": "", "probes?": 3, "vmaf?": { "mean": 0.0, "harmonicMean": 0.0, "min": 0.0, "psnr?": 0.0, "ssim?": 0.0 },
                                "sizeBytes?": 0, "searchCpuSeconds?": 0.0, "encodeCpuSeconds?": 0.0,
                                "measureCpuSeconds?": 0.0, "belowTarget": false } ] } ],
            "warnings": [ "" ] } ],
          "cpuSeconds": { "cut?": 0.0, "search?": 0.0, "encode?": 0.0, "measure?": 0.0, "audio?": 0.0, "mux?": 0.0,
                          "validate?": 0.0 },
          "wallSeconds?": 0.0 }
        """;

    readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_delivered_job_knows_everything()
    {
        var report = await ReportAsync(
            0,
            await TestClips.H264ClosedGop(),
            "av1-vmaf",
            "encoding.psnr_ssim=true"
        );

        var job = report.GetProperty("jobs")[0];
        var rendition = job.GetProperty("renditions")[0];
        var segment = rendition.GetProperty("segments")[0];
        job.GetProperty("state").GetString().ShouldBe("Completed");
        job.GetProperty("analysis").GetProperty("hdr").GetString().ShouldBe("none");
        job.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        NullsOf(job.GetProperty("analysis")).ShouldBe(["dolbyVision", "crop"], ignoreOrder: true);
        rendition.GetProperty("state").GetString().ShouldBe("Delivered");
        rendition.GetProperty("videoSha256").GetString().ShouldNotBeNull().Length.ShouldBe(64);
        NullsOf(rendition)
            .Intersect(["videoSha256", "frames", "sizeBytes", "encodeSeconds", "vmaf"])
            .ShouldBeEmpty();
        NullsOf(rendition.GetProperty("vmaf")).ShouldBeEmpty();
        NullsOf(segment).ShouldBeEmpty();
        NullsOf(segment.GetProperty("vmaf")).ShouldBeEmpty();
        rendition.GetProperty("vmaf").GetProperty("psnr").GetDouble().ShouldBeInRange(20, 60);
        rendition.GetProperty("vmaf").GetProperty("ssim").GetDouble().ShouldBeInRange(0.8, 1);
        NullsOf(report.GetProperty("cpuSeconds")).ShouldBeEmpty();
        rendition
            .GetProperty("segments")
            .EnumerateArray()
            .Sum(each => each.GetProperty("frames").GetInt32())
            .ShouldBe(rendition.GetProperty("frames").GetInt32());
    }

    [Fact]
    public async Task What_was_not_measured_is_null_and_never_zero()
    {
        var report = await ReportAsync(0, await TestClips.H264OpenGop(), "av1-crf");

        var rendition = report.GetProperty("jobs")[0].GetProperty("renditions")[0];
        rendition.GetProperty("vmaf").ValueKind.ShouldBe(JsonValueKind.Null);
        NullsOf(rendition.GetProperty("segments")[0]).ShouldBe(["tier", "vmaf"]);
        // There is no sound.
        NullsOf(report.GetProperty("cpuSeconds")).ShouldBe(["audio"]);
    }

    [Fact]
    public async Task A_failed_job_has_the_same_form()
    {
        var source = _directory.File("text.mkv");
        await File.WriteAllTextAsync(source, "not a video");

        var job = (await ReportAsync(3, source, "av1-crf")).GetProperty("jobs")[0];

        job.GetProperty("state").GetString().ShouldBe("Failed");
        job.GetProperty("error").GetString().ShouldNotBeNull().ShouldContain("text file");
        job.GetProperty("analysis").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task What_could_not_begin_has_the_same_form()
    {
        await File.WriteAllTextAsync(_directory.File("text.mkv"), "not a video");
        await File.WriteAllTextAsync(_directory.File("out.mkv"), "precious");

        await RefusedAsync(3, _directory.File("none.mkv"), "av1-crf", "does not exist.");
        await RefusedAsync(3, _directory.Path, "av1-crf", "is a directory.");
        await RefusedAsync(3, _directory.File("text.mkv"), "av1-crf", "exists already.");
        await RefusedAsync(2, _directory.File("text.mkv"), "av1-cfr", "There is no profile");
    }

    async Task RefusedAsync(int exitCode, string source, string profile, string words)
    {
        var report = await ReportAsync(exitCode, source, profile);

        var job = report.GetProperty("jobs").EnumerateArray().ShouldHaveSingleItem();
        job.GetProperty("source").GetString().ShouldBe(source);
        job.GetProperty("state").GetString().ShouldBe("Failed");
        job.GetProperty("error").GetString().ShouldNotBeNull().ShouldContain(words);
        NullsOf(job).ShouldBe(["id", "sourceBytes", "analysis", "unchunked"], ignoreOrder: true);
        NullsOf(report).ShouldBe(["wallSeconds"]);
    }

    async Task<JsonElement> ReportAsync(
        int exitCode,
        string source,
        string profile,
        string setting = "encoding.preset=12"
    )
    {
        using var farm = FarmProcess.Start(
            "encode",
            source,
            "-o",
            _directory.File("out.mkv"),
            "--work",
            _directory.File("work"),
            "-p",
            profile,
            "-s",
            "encoding.preset=12",
            "-s",
            setting,
            "--quiet",
            "--json"
        );
        var end = await farm.EndAsync();
        end.ExitCode.ShouldBe(exitCode, end.Errors);
        var report = end.Json;
        Mismatches(JsonDocument.Parse(Form).RootElement, report, "").ShouldBeEmpty();
        return report;
    }

    static IEnumerable<string> Mismatches(JsonElement form, JsonElement actual, string path)
    {
        if (Kind(form) != Kind(actual))
        {
            return [$"{path} is {actual.ValueKind} instead of {form.ValueKind}"];
        }
        return form.ValueKind switch
        {
            JsonValueKind.Array => actual
                .EnumerateArray()
                .SelectMany(item => Mismatches(form[0], item, $"{path}[]")),
            JsonValueKind.Object => form.EnumerateObject()
                .SelectMany(property => InProperty(property, actual, path)),
            _ => [],
        };
    }

    static IEnumerable<string> InProperty(JsonProperty form, JsonElement actual, string path)
    {
        var name = form.Name.TrimEnd('?');
        if (!actual.TryGetProperty(name, out var value))
        {
            return [$"{path}.{name} is missing"];
        }
        return value.ValueKind == JsonValueKind.Null && form.Name != name
            ? []
            : Mismatches(form.Value, value, $"{path}.{name}");
    }

    /// <summary>Either truth value is a truth value.</summary>
    static JsonValueKind Kind(JsonElement element) =>
        element.ValueKind == JsonValueKind.True ? JsonValueKind.False : element.ValueKind;

    static IEnumerable<string> NullsOf(JsonElement element) =>
        element
            .EnumerateObject()
            .Where(property => property.Value.ValueKind == JsonValueKind.Null)
            .Select(property => property.Name);
}
