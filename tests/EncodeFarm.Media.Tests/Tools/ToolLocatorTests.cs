using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Locate;

namespace EncodeFarm.Media.Tests.Tools;

/// <summary>The tools of this machine.</summary>
public sealed class ToolLocatorTests
{
    [Fact]
    public async Task Finds_what_this_machine_has()
    {
        var tools = await new ToolLocator(new ToolRunner()).LocateAsync();

        tools.Ffmpeg.Path.ShouldBe("/usr/bin/ffmpeg");
        tools.Ffmpeg.Version.ShouldMatch(@"^\d+\.\d+");
        tools.Mkvmerge.Version.ShouldMatch(@"^\d+\.\d+\.\d+$");
        tools.Encoders.ShouldContain("libsvtav1");
        tools.Encoders.ShouldContain("libopus");
        tools.Filters.ShouldContain("scale");
        tools.Filters.ShouldNotContain("=");
        tools.Fingerprint.ShouldMatch("^[0-9a-f]{16}$");
    }

    [Fact]
    public async Task The_fingerprint_is_the_same_each_time()
    {
        var first = await new ToolLocator(new ToolRunner()).LocateAsync();
        var second = await new ToolLocator(new ToolRunner()).LocateAsync();

        second.Fingerprint.ShouldBe(first.Fingerprint);
    }

    [Fact]
    public async Task The_examination_names_every_tool_and_encoder()
    {
        var findings = await new ToolLocator(new ToolRunner()).ExamineAsync();

        findings
            .Select(finding => finding.Name)
            .ShouldBe([
                "ffmpeg",
                "ffprobe",
                "mkvmerge",
                "mediainfo",
                "vmaf",
                "encoder libsvtav1",
                "encoder libopus",
                "encoder libx264",
                "encoder libx265",
                "encoder libvpx-vp9",
                "encoder aac",
                "setpriv",
            ]);
        findings.ShouldAllBe(finding => finding.Ok == (finding.Advice == null));
    }
}
