using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Plan;

/// <summary>
/// The ffmpeg arguments that decode exactly the frames of a <see cref="SourceRange"/>: seek well before the first
/// one, keep the source's timestamps, drop what comes earlier, and stop after the last. Encoder and reference of a
/// measurement use the same ones, so both see the same pictures. Order on the command line:
/// <c>ffmpeg -nostdin … Input -vf FilterGraph Output [codec] destination</c>.
/// </summary>
/// <remarks>
/// The decoder may complain about the pictures between the seek point and the first frame wanted (open GOP); that is
/// no failure. What proves success is the number of frames that come out.
/// </remarks>
public static class DecodeArguments
{
    /// <summary>
    /// Deinterlacing needs the picture before the first one; this much earlier, frames are let through to it.
    /// </summary>
    private const double TemporalGuardSeconds = 0.25;

    /// <summary>
    /// The picture as it is stored, but without what its bitstream hides: decoders keep up to 31 hidden columns on the
    /// left for the sake of alignment, unless told not to.
    /// </summary>
    public static readonly IReadOnlyList<string> AsStored =
    [
        "-noautorotate",
        "-flags:v",
        "+unaligned",
    ];

    /// <summary>Everything up to and including <c>-i</c>.</summary>
    public static IReadOnlyList<string> Input(SourceRange range)
    {
        var arguments = new List<string>(AsStored);
        if (range.SeekSeconds is { } seek)
        {
            arguments.AddRange(["-noaccurate_seek", "-ss", seek.ToString("0.000000")]);
        }
        arguments.AddRange(["-copyts", "-i", FileArgument(range.Path)]);
        return arguments;
    }

    /// <summary>
    /// The value of <c>-vf</c>: selection by timestamp, the rendition's filters and pixel format, and timestamps that
    /// count frames at the true rate. Only a variable rate with bit rate control keeps real time, which its
    /// rate control needs.
    /// </summary>
    public static string FilterGraph(SourceRange range, EncodeSettings settings)
    {
        var temporal = FilterChain.IsTemporal(settings.Filters);
        var guard = temporal ? (long)(TemporalGuardSeconds / range.TimeBase.Value) : 0;
        var filters = new List<string>
        {
            // Deinterlacing needs the picture after the last one, too.
            Select(range.FirstPts - guard, temporal ? null : range.EndPts),
        };
        if (settings.Filters.Length > 0)
        {
            filters.Add(settings.Filters);
        }
        if (temporal)
        {
            filters.AddRange([$"settb={range.TimeBase}", Select(range.FirstPts, range.EndPts)]);
        }
        if (KeepsRealTime(settings))
        {
            filters.AddRange([$"settb={range.TimeBase}", $"setpts=PTS-({range.FirstPts})"]);
        }
        else
        {
            // fps passes every frame here; it is what tells the encoder the true rate, which it would otherwise take
            // from the container's guess (19001/317 for an MKV of 60000/1001).
            filters.AddRange([
                $"settb={settings.FrameRate.Inverse}",
                "setpts=N",
                $"fps={settings.FrameRate}",
            ]);
        }
        if (settings.SampleAspect is { } aspect)
        {
            // A scaler would make up for its rounding to even sides with pixels of 1281:1280, and the pictures of some
            // sources change their shape: the segments' headers would differ.
            filters.Add($"setsar={aspect}");
        }
        filters.Add($"format={settings.Video.PixelFormat}");
        return string.Join(',', filters);
    }

    /// <summary>Stream choice, the number of frames, and exact timestamps: everything between filters and codec.</summary>
    public static IReadOnlyList<string> Output(SourceRange range, EncodeSettings settings)
    {
        var timeBase = KeepsRealTime(settings) ? range.TimeBase : settings.FrameRate.Inverse;
        return
        [
            "-map",
            $"0:{range.StreamIndex}",
            "-sws_flags",
            FilterChain.ScalerFlags,
            "-frames:v",
            range.Frames.ToString(),
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            $"{timeBase.Numerator}:{timeBase.Denominator}",
        ];
    }

    /// <summary>A file name as ffmpeg takes it whatever it contains: colons, leading dashes, percent signs.</summary>
    public static string FileArgument(string path) => "file:" + path;

    internal static bool KeepsRealTime(EncodeSettings settings) =>
        settings.VariableFrameRate && settings.Video.Rate == RateControl.Bitrate;

    /// <summary>From a timestamp on, before another; of pictures that share one, the first, as the frame table counts them.</summary>
    private static string Select(long from, long? to) =>
        $"select='gte(pts\\,{from}){(to is { } end ? $"*lt(pts\\,{end})" : "")}*(isnan(prev_selected_pts)+gt(pts\\,prev_selected_pts))'";
}
