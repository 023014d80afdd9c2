using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Work;

namespace EncodeFarm.Farm.Tests;

/// <summary>What a worker that was killed has left on its disk.</summary>
public sealed class WorkerScratchTests : IDisposable
{
    readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Only_results_with_a_record_are_kept()
    {
        var root = _directory.Path;
        var kept = new KeptResults(root);
        kept.Keep(
            new AttemptResult(
                "1-1",
                "job",
                "plan",
                new SegmentId(0, 0),
                1,
                "w",
                Samples.Encoded(new SegmentId(0, 0), "1-1")
            )
        );
        File.WriteAllText(kept.FileOf("job", "1-1"), "encoded");
        File.WriteAllText(kept.FileOf("job", "1-2"), "killed before its record was written");
        var scratch = WorkerScratch.Of(root, "job", "1-3");
        Directory.CreateDirectory(scratch);
        File.WriteAllText(Path.Combine(scratch, "segment.ivf"), "half of it");
        Directory.CreateDirectory(Path.Combine(root, "another job"));

        WorkerScratch.Clear(root);

        File.Exists(kept.FileOf("job", "1-1")).ShouldBeTrue();
        File.Exists(kept.FileOf("job", "1-2")).ShouldBeFalse();
        Directory.Exists(Path.GetDirectoryName(scratch)).ShouldBeFalse();
        kept.Load(null).ShouldHaveSingleItem().Attempt.ShouldBe("1-1");
    }
}
