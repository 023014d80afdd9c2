using EncodeFarm.Farm.Videos;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>Dolby Vision goes one way as a whole: one attempt at the base that plain players show, or none.</summary>
public sealed class DolbyVisionTests
{
    [Theory]
    [InlineData(
        8,
        "The source is Dolby Vision profile 8: its dynamic metadata is dropped, its HDR10 base is encoded."
    )]
    [InlineData(
        7,
        "The source is Dolby Vision profile 7: its enhancement layer and dynamic metadata are dropped, its HDR10 base is encoded."
    )]
    public async Task A_profile_with_an_hdr10_base_is_encoded_in_one_attempt(
        int profile,
        string warning
    )
    {
        Assert.SkipWhen(SampleClips.Missing is not null, SampleClips.Missing ?? "");
        using var directory = new TestDirectory();
        var source =
            profile == 7
                ? await SampleClips.DolbyVision7()
                : await SampleClips.PathAsync("dolby-vision-8.1.mkv");

        var state = await TestFarm.EncodeAsync(
            directory,
            source,
            directory.File("out.mkv"),
            slots: 2
        );

        state.Plan!.Unchunked.ShouldBe($"the source is Dolby Vision profile {profile}");
        state.Renditions[0].Segments.ShouldHaveSingleItem().Attempts.ShouldBe(1);
        state.Analysis!.Warnings.ShouldContain(warning);
    }

    [Fact]
    public async Task Profile_5_is_refused()
    {
        Assert.SkipWhen(SampleClips.Missing is not null, SampleClips.Missing ?? "");
        using var directory = new TestDirectory();
        var source = await SampleClips.DolbyVision5();

        var state = await TestFarm.TryAsync(directory, source, directory.File("out.mkv"));

        var failure = state.Failure.ShouldNotBeNull();
        failure.Kind.ShouldBe(FailureKind.BadInput);
        failure.Message.ShouldContain(
            "is Dolby Vision profile 5, which has no HDR10 base that can be encoded with right colours"
        );
    }
}
