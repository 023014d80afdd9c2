using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Encode;

/// <summary>Looks, where a segment could not be encoded, whether that is because the source's picture changes its size in it.</summary>
internal sealed class PictureSizes(ToolSet tools, IToolRunner runner)
{
    /// <summary>Transport streams are sought approximately, and may be entered this much too late.</summary>
    private const double SeekMarginSeconds = 5;

    /// <summary>The first picture of the next size ends the filters of those before it: it counts, too.</summary>
    private const double EndMarginSeconds = 1;

    /// <returns>What to say of it; null where the size stays the same, or can't be found out.</returns>
    public async Task<FarmException?> ChangeAsync(SourceRange range, CancellationToken cancellation)
    {
        var sizes = new List<string>();
        var start = range.FirstPts * range.TimeBase.Value;
        var end = start + range.DurationSeconds + EndMarginSeconds;
        var from = range.SeekSeconds is null ? "" : (start - SeekMarginSeconds).ToString("0.000");
        var command = ProbeCommand.Of(
            tools,
            range.Path,
            [
                "-select_streams",
                range.StreamIndex.ToString(),
                "-read_intervals",
                $"{from}%{end:0.000}",
                "-show_entries",
                "frame=width,height",
                "-of",
                "csv=p=0:s=x",
            ],
            WorkKind.Analyze
        ) with
        {
            OnOutputLine = line => sizes.Add(line.Trim('x')),
        };
        try
        {
            await runner.RunAsync(command, cancellation);
        }
        catch (ToolFailedException)
        {
            return null;
        }
        return
            sizes.Where(size => size.Contains('x')).Distinct().ToList() is [var one, var other, ..]
            ? new FarmException(
                FarmError.BadInput,
                $"The picture of {range.Path} changes its size from {one} to {other} near frame {range.StartFrame + range.Frames / 2}.",
                "Cut it there, or give it one size first: ffmpeg -i <it> -map 0 -c copy -c:v libx264 -crf 10 <new>.mkv"
            )
            : null;
    }
}
