using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>The frame table beside a job.</summary>
public sealed class FrameTableFileTests
{
    [Fact]
    public async Task One_that_is_damaged_is_made_again()
    {
        using var directory = new TestDirectory();
        var file = new FileInfo(await TestClips.NineFrames());
        var spec = Samples.Job() with
        {
            Source = new SourceIdentity(file.FullName, file.Length, file.LastWriteTimeUtc),
        };
        var work = new MediaWork(
            await TestTools.SetAsync(),
            new EncodeLimits(),
            _ => TestTools.Runner,
            new S3Outputs(new S3StoreOptions("", null, "us-east-1"), TimeProvider.System, _ => { })
        );
        var made = await work.PlanAsync(spec, directory.Path, default);
        var context = new DecideContext(Samples.Start, RetryPolicy.Default, new Random(1));
        var state = new VideoInput[] { new Submit(spec, Samples.Fingerprint), made }.Aggregate(
            VideoState.Empty,
            (before, input) =>
                VideoDecider
                    .Decide(before, input, context)
                    .Events.Aggregate(before, VideoFold.Apply)
        );
        var table = directory.File("frames.bin");
        var bytes = await File.ReadAllBytesAsync(table);
        await File.WriteAllBytesAsync(table, bytes[..(bytes.Length / 2)]);

        await work.CutAsync(state, 0, directory.File("piece.mkv"), directory.Path, default);

        (await File.ReadAllBytesAsync(table)).ShouldBe(bytes);
    }
}
