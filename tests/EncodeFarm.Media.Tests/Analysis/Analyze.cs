using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Profiles;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Analysis;

/// <summary>Analysis with the real tools; without the search for black bars unless it is asked for.</summary>
internal static class Analyze
{
    public static async Task<AnalyzedSource> ClipAsync(string clip)
    {
        using var work = new TestDirectory();
        return await FileAsync(await AllClips.PathAsync(clip), work);
    }

    /// <param name="work">Has to outlive the use of a source that is remuxed.</param>
    public static async Task<AnalyzedSource> FileAsync(
        string path,
        TestDirectory work,
        AnalysisOptions? options = null
    ) =>
        await new SourceAnalyzer(await TestTools.SetAsync(), TestTools.Runner).AnalyzeAsync(
            path,
            options ?? new AnalysisOptions { Crop = CropSetting.Off },
            work.Path,
            CancellationToken.None
        );
}
