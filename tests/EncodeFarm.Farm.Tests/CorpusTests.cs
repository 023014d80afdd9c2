using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>
/// Sources of every kind, from file to file, in short segments: each output frame shows its own source frame at its own
/// time, and nothing else of the source is lost or altered.
/// </summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Names => [.. Corpus.All.Select(source => source.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_source_comes_out_whole(string name)
    {
        var source = Corpus.Named(name);
        try
        {
            await source.MakeAsync();
        }
        catch (SampleMissingException missing)
        {
            Assert.Skip(missing.Message);
        }
        await CheckAsync(source);
    }

    private static async Task CheckAsync(CorpusSource source)
    {
        using var directory = new TestDirectory();
        var path = await source.MakeAsync();
        var output = directory.File("out.mkv");

        var state = await TestFarm.EncodeAsync(
            directory,
            path,
            output,
            slots: 2,
            segmentSeconds: 1.5,
            allowDamaged: source.AllowDamaged
        );

        var differences = await CorpusCheck.DifferencesAsync(source, path, output, state);
        SourceTable.Add(source, state, differences);
        differences.ShouldBeEmpty();
    }
}
