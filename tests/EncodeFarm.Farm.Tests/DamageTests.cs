using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>What is damaged is never left out without a word.</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task Pictures_that_cant_be_decoded_fail_the_job_unless_that_is_allowed()
    {
        using var directory = new TestDirectory();

        var state = await TestFarm.TryAsync(
            directory,
            await Damaged.LostPictures(),
            directory.File("out.mkv")
        );

        var failure = state.Renditions[0].Failure.ShouldNotBeNull();
        failure.Message.ShouldContain("frames instead of ");
        failure.Message.ShouldContain("input.allow_damaged");
        File.Exists(directory.File("out.mkv")).ShouldBeFalse();
    }

    [Fact]
    public async Task Sound_that_cant_be_decoded_fails_the_job_by_the_name_of_its_track()
    {
        using var directory = new TestDirectory();
        var source = await Damaged.DeadSound();

        var state = await TestFarm.TryAsync(directory, source, directory.File("out.mkv"));

        state
            .Failure.ShouldNotBeNull()
            .Message.ShouldBe(
                $"Audio stream 2 (ac3, ger) of {source} can't be decoded: it is damaged or empty. Leave it out first: ffmpeg -i <it> -map 0 -map -0:2 -c copy <new>.mkv"
            );
    }

    [Fact]
    public async Task A_picture_that_changes_its_size_fails_the_job_in_words()
    {
        using var directory = new TestDirectory();
        var source = await HardPictures.ChangesSize();

        var state = await TestFarm.TryAsync(directory, source, directory.File("out.mkv"));

        state
            .Failure.ShouldNotBeNull()
            .Message.ShouldContain(
                $"The picture of {source} changes its size from 160x90 to 192x108 near frame "
            );
        File.Exists(directory.File("out.mkv")).ShouldBeFalse();
    }
}
