using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

/// <summary>Sources of every kind: encoded, joined, muxed and found right.</summary>
public sealed class WholePathTests
{
    public static TheoryData<string> Clips =>
        [
            nameof(TestClips.Everything),
            nameof(TestClips.H264ClosedGop),
            nameof(TestClips.H264OpenGopTs),
            nameof(TestClips.H264At5994),
            nameof(TestClips.Mpeg2TsLateStart),
            nameof(TestClips.Mpeg2ProgramStream),
            nameof(TestClips.EditListMidGop),
            nameof(TestClips.VariableRate),
            nameof(TestClips.AudioLongerThanVideo),
            nameof(TestClips.Anamorphic),
            nameof(TestClips.Hdr10),
            nameof(TestClips.LongGap),
        ];

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task An_output_is_what_was_planned(string clip)
    {
        using var bench = await MuxBench.PrepareAsync(await AllClips.PathAsync(clip));

        var muxed = await bench.MuxAsync();

        var report = await bench.ValidateAsync();
        report.Findings.ShouldBeEmpty();
        muxed.Warnings.ShouldBeEmpty();
        bench.Audio.SelectMany(audio => audio.Warnings).ShouldBeEmpty();
    }
}
