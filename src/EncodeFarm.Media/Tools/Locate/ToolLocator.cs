using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tools.Locate;

/// <summary>
/// Finds the external programs of this machine: by <c>ENCODEFARM_FFMPEG</c>, <c>…_FFPROBE</c>, <c>…_MKVMERGE</c>,
/// <c>…_MEDIAINFO</c> and <c>…_VMAF</c>, on PATH, and in the repository's <c>tools</c> (or <c>ENCODEFARM_TOOLS</c>).
/// </summary>
public sealed class ToolLocator(IToolRunner runner, ToolLocatorOptions? options = null)
{
    private readonly ToolLocatorOptions options = options ?? new ToolLocatorOptions();

    /// <summary>The tools of this machine, from the cache where nothing has changed.</summary>
    /// <exception cref="FarmException">
    /// <see cref="FarmError.ToolMissing"/>: ffmpeg, ffprobe or mkvmerge is missing or unfit; says what to install.
    /// </exception>
    public async Task<ToolSet> LocateAsync(CancellationToken cancellation = default)
    {
        var places = ToolPlaces.Find(options);
        if (ToolCache.Read(options.CacheDirectory, places) is { } remembered)
            return remembered;
        var inspection = await InspectAsync(places, cancellation);
        if (inspection.Tools is not { } tools)
            throw new FarmException(
                FarmError.ToolMissing,
                inspection
                    .Findings.First(finding => finding is { Ok: false, Required: true })
                    .Advice!
            );
        // What was only too slow this time must not be missing for ever.
        if (inspection.AllAnswered)
            ToolCache.Write(options.CacheDirectory, places, inspection.Files, tools);
        return tools;
    }

    /// <summary>Asks every tool anew; one entry for each tool and encoder. Throws nothing but a cancellation.</summary>
    public async Task<IReadOnlyList<ToolFinding>> ExamineAsync(
        CancellationToken cancellation = default
    )
    {
        var inspection = await InspectAsync(ToolPlaces.Find(options), cancellation);
        return inspection.Findings;
    }

    private Task<ToolInspection> InspectAsync(ToolPlaces places, CancellationToken cancellation) =>
        new ToolInspector(places, runner, options.AnswerLimit, cancellation).RunAsync();
}
