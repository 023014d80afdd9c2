using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Encode;

/// <summary>The ffmpeg commands that turn frames of a source into an elementary stream.</summary>
internal static class EncodeCommand
{
    /// <summary>ffmpeg takes the first device that it can open, or none.</summary>
    public const string AutomaticDecoder = "auto";

    /// <summary>What ffmpeg says where it found none that decodes the source.</summary>
    public const string NoDevice = "Auto hwaccel disabled";

    /// <summary>File name extension of the elementary stream, with the dot.</summary>
    public static string ExtensionOf(VideoCodec codec) =>
        codec switch
        {
            VideoCodec.Av1 or VideoCodec.Vp9 => ".ivf",
            VideoCodec.H264 => ".h264",
            VideoCodec.H265 => ".h265",
            _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, null),
        };

    /// <param name="crf">Null for a bit rate.</param>
    /// <param name="output">Name in <paramref name="directory"/>.</param>
    public static ToolCommand Build(
        Tool ffmpeg,
        SourceRange range,
        EncodeSettings settings,
        ProbeFrames frames,
        int? crf,
        EncodeLimits limits,
        string directory,
        string output
    )
    {
        var interval = frames.IsWhole
            ? KeyframeInterval.Of(
                range.Frames,
                range.DurationSeconds,
                settings.Video.KeyframeSeconds
            )
            : frames.Length;
        IReadOnlyList<string> arguments =
        [
            "-nostdin",
            "-hide_banner",
            "-v",
            // With the choice left to it, ffmpeg says only as information that it found no device.
            limits.HardwareDecoder == AutomaticDecoder
                ? "info"
                : "warning",
            "-y",
            .. DecodedFrames.Of(range, settings, frames, limits),
            .. CodecArguments(settings, crf, interval, frames.Count, limits.EncoderThreadsNow),
            .. ColorArguments.For(settings.Color),
            "-f",
            FormatOf(settings.Video.Codec),
            DecodeArguments.FileArgument(output),
        ];
        var command = new ToolCommand(ffmpeg.Path, arguments, WorkKind.Encode)
        {
            Directory = directory,
            // 1: errors. SVT-AV1 introduces itself in 18 lines, and complains of each thread that it may not run in real
            // time: they would push others out of the log's tail.
            Environment = new Dictionary<string, string> { ["SVT_LOG"] = "1" },
        };
        return limits.On(command);
    }

    private static IReadOnlyList<string> CodecArguments(
        EncodeSettings settings,
        int? crf,
        int interval,
        int frames,
        int threads
    ) =>
        settings.Video.Codec switch
        {
            VideoCodec.Av1 => SvtAv1Arguments.For(settings, crf, interval, threads),
            VideoCodec.H264 =>
            [
                .. X264Arguments.For(settings, crf, Math.Max(interval, ShortestInterval)),
                .. Keyframes(interval, frames),
            ],
            VideoCodec.H265 =>
            [
                .. X265Arguments.For(settings, crf, Math.Max(interval, ShortestInterval)),
                .. Keyframes(interval, frames),
            ],
            VideoCodec.Vp9 => Vp9Arguments.For(settings, crf, interval),
            var codec => throw new ArgumentOutOfRangeException(nameof(settings), codec, null),
        };

    /// <summary>
    /// x264 and x265 take fewer references and B-frames (at most 16) where keyframes are closer than those, and say so
    /// in the parameter sets: a segment of few frames would not fit to the others. So they are told of no shorter distance.
    /// </summary>
    private const int ShortestInterval = 24;

    /// <summary>Keyframes that lie closer than the encoder was told are asked for one by one.</summary>
    private static IReadOnlyList<string> Keyframes(int interval, int frames) =>
        interval >= Math.Min(frames, ShortestInterval)
            ? []
            : ["-force_key_frames", $"expr:not(mod(n,{interval}))", "-forced-idr", "1"];

    /// <summary>ffmpeg's name of the elementary stream's format.</summary>
    public static string FormatOf(VideoCodec codec) =>
        codec switch
        {
            VideoCodec.H264 => "h264",
            VideoCodec.H265 => "hevc",
            _ => "ivf",
        };
}

/// <summary>The arguments that decode and filter the frames of a probe or of a whole segment, from the first to the codec.</summary>
internal static class DecodedFrames
{
    public static IReadOnlyList<string> Of(
        SourceRange range,
        EncodeSettings settings,
        ProbeFrames frames,
        EncodeLimits limits
    ) =>
        [
            "-threads",
            limits.Threads.ToString(),
            .. limits.HardwareDecoder is { } decoder
                ? ["-hwaccel", decoder]
                : Array.Empty<string>(),
            .. DecodeArguments.Input(range),
            "-vf",
            DecodeArguments.FilterGraph(range, settings) + Selection(frames),
            .. DecodeArguments.Output(range with { Frames = frames.Count }, settings),
        ];

    /// <summary>Lets the sampled runs through and closes the gaps in the timestamps.</summary>
    private static string Selection(ProbeFrames frames)
    {
        if (frames.IsWhole)
        {
            return "";
        }
        var runs = frames.Starts.Select(start =>
            $"between(n\\,{start}\\,{start + frames.Length - 1})"
        );
        return $",select='{string.Join('+', runs)}',setpts=N";
    }
}
