using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>Where the output's clock has its zero on the source's clock.</summary>
/// <remarks>
/// Most containers count from 0, and what starts later does so on purpose: that is kept. A clock that begins elsewhere
/// (a recorded transport stream begins anywhere) is shifted so that the first picture or sound comes at 0. Video,
/// audio, subtitles and chapters are shifted by the same amount.
/// </remarks>
public static class OutputClock
{
    /// <summary>A first timestamp below this belongs to a clock that counts from 0, seconds.</summary>
    private const double OwnZeroSeconds = 1;

    /// <summary>
    /// An audio decoder's warm-up before the first sample that is heard, seconds: Opus asks for 80 ms, the others for less.
    /// </summary>
    private const double WarmUpSeconds = 0.1;

    /// <summary>The moment on the container's clock that becomes 0, seconds.</summary>
    public static double ZeroSeconds(SourceAnalysis analysis)
    {
        var first = analysis
            .Audio.Select(audio => audio.Track.StartSeconds)
            .Select(start => start is < 0 and > -WarmUpSeconds ? 0 : start)
            .Append(analysis.FirstVideoSeconds)
            .Min();
        return first is >= 0 and < OwnZeroSeconds ? 0 : first;
    }

    /// <summary>
    /// When each frame is shown, milliseconds on the output's clock. The first one's time is known on the source's clock;
    /// the table may have been made from a remux with a clock of its own.
    /// </summary>
    public static IEnumerable<double> FrameMilliseconds(
        SourceAnalysis analysis,
        FrameTable frames
    ) => frames.Pts.Select(pts => Milliseconds(analysis, frames, pts));

    /// <summary>When the last frame ends, milliseconds on the output's clock.</summary>
    public static double EndMilliseconds(SourceAnalysis analysis, FrameTable frames) =>
        Milliseconds(analysis, frames, frames.EndPts);

    private static double Milliseconds(SourceAnalysis analysis, FrameTable frames, long pts)
    {
        var start = analysis.FirstVideoSeconds - ZeroSeconds(analysis);
        return (start + (pts - frames.Pts[0]) * frames.TimeBase.Value) * 1000;
    }
}
