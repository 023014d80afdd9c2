using System.Text.Json;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

/// <summary>The packets of the main video stream, and what the demuxer complained about while reading them.</summary>
internal sealed record PacketReading(PacketScan Scan, string Complaints);

/// <summary>The questions that are put to ffprobe and its kin; the answers come back as they are.</summary>
internal sealed class MediaProbe(
    ToolSet tools,
    IToolRunner runner,
    WorkKind kind = WorkKind.Analyze
)
{
    /// <summary>Attached pictures and thumbnails are video streams too; a capital V leaves them out.</summary>
    public const string MainVideo = "V:0";

    /// <summary>A source on a dead network share must not hold up the farm for ever.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromMinutes(5);

    /// <summary>The first picture of an open or damaged start may not decode; one of this many will.</summary>
    public const int FirstPackets = 16;

    /// <summary>A damaged file gives what it has and ends with 1; whether it can be opened at all, its header decides.</summary>
    private static readonly int[] ReadErrors = [0, 1];

    /// <summary>What can't be decoded is missing in the answer, and that is the answer; 69 is newer ffmpegs' "too many errors".</summary>
    private static readonly int[] DecodeErrors = [0, 1, 69];

    private const string FrameEntries =
        "frame=best_effort_timestamp,pix_fmt,interlaced_frame,top_field_first,repeat_pict,sample_aspect_ratio,color_range,"
        + "color_space,color_primaries,color_transfer,chroma_location:frame_side_data=side_data_type,rotation,displaymatrix,type,inverted,red_x,red_y,"
        + "green_x,green_y,blue_x,blue_y,white_point_x,white_point_y,min_luminance,max_luminance,max_content,"
        + "max_average,vdr_rpu_profile,bl_video_full_range_flag,vdr_bit_depth,"
        + "el_spatial_resampling_filter_flag,disable_residual_flag";

    /// <summary>Container, packets and first frames of a file, read side by side; null where it has no video.</summary>
    public async Task<FileReading?> ReadAsync(string path, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var packets = PacketsAsync(path, stop.Token);
        var frames = FirstFramesAsync(path, stop.Token);
        try
        {
            var container = await ContainerAsync(path, stop.Token);
            return StreamCatalog.MainVideo(container) is { } stream
                ? new FileReading(path, container, stream, await packets, await frames)
                : null;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(packets, frames)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task<JsonElement> ContainerAsync(string path, CancellationToken ct) =>
        AskAsync(path, ["-show_format", "-show_streams", "-show_chapters"], ct);

    /// <param name="edited">False lists also what an MP4's edit list cuts off.</param>
    public async Task<PacketReading> PacketsAsync(
        string path,
        CancellationToken ct,
        bool edited = true
    )
    {
        var scan = new PacketScan();
        var result = await FfprobeAsync(
            path,
            [
                .. edited ? [] : new[] { "-ignore_editlist", "1" },
                "-select_streams",
                MainVideo,
                "-show_entries",
                PacketScan.Entries,
                "-of",
                "csv=p=0",
            ],
            scan.Add,
            ct,
            ReadErrors
        );
        return new PacketReading(scan, result.ErrorTail);
    }

    /// <summary>Whether there is a single packet of a stream; reads the whole file where there is none.</summary>
    public async Task<bool> HasPacketsAsync(string path, int stream, CancellationToken ct)
    {
        var found = await FfprobeAsync(
            path,
            [
                "-select_streams",
                stream.ToString(),
                "-read_intervals",
                "%+#1",
                "-show_entries",
                "packet=size",
                "-of",
                "csv=p=0",
            ],
            null,
            ct,
            ReadErrors
        );
        return found.Output.AsSpan().ContainsAnyInRange('0', '9');
    }

    /// <summary>The first decodable frames of the main video, with their side data.</summary>
    private Task<JsonElement> FirstFramesAsync(string path, CancellationToken ct) =>
        AskAsync(
            path,
            [
                "-select_streams",
                MainVideo,
                "-read_intervals",
                $"%+#{FirstPackets}",
                "-show_entries",
                FrameEntries,
            ],
            ct,
            ReadErrors
        );

    /// <summary>The first picture, and a keyframe near each of some moments.</summary>
    /// <param name="seconds">On the container's clock, in order.</param>
    public async Task<PictureWords> SampleAsync(
        FileReading reading,
        IEnumerable<double> seconds,
        CancellationToken ct
    )
    {
        // Transport and program streams have no index: ffprobe lands near a packet that is decoded at the moment.
        var (lead, packets) = reading.Format is "mpegts" or "mpeg" ? (-0.15, 32) : (0.001, 1);
        var intervals = seconds.Select(moment => $"{Math.Max(moment + lead, 0):0.000}%+#{packets}");
        var found = await AskAsync(
            reading.Path,
            [
                "-skip_frame",
                "nokey",
                "-select_streams",
                MainVideo,
                "-read_intervals",
                string.Join(',', intervals),
                "-show_entries",
                FrameEntries,
            ],
            ct,
            ReadErrors
        );
        return new PictureWords([
            .. reading.FirstFrames.Items("frames").Take(1),
            .. found.Items("frames"),
        ]);
    }

    /// <summary>mkvmerge's view of a Matroska file, the only one with IETF languages; empty where it has none.</summary>
    public Task<JsonElement> MatroskaAsync(string path, CancellationToken ct) =>
        OptionalAsync(tools.Mkvmerge.Path, ["-J", path], ct);

    /// <summary>mediainfo's view; empty where it isn't installed.</summary>
    public Task<JsonElement> MediaInfoAsync(string path, CancellationToken ct) =>
        tools.MediaInfo is { } mediaInfo
            ? OptionalAsync(mediaInfo.Path, ["--Output=JSON", path], ct)
            : Task.FromResult(ProbeJson.Parse(""));

    /// <summary>Timestamps of the frames that ffmpeg's decoder really shows, in the stream's time base.</summary>
    /// <param name="seek">Seconds after the container's start to begin near; null begins at the start.</param>
    /// <param name="frames">Stop after this many; null reads all.</param>
    public async Task<IReadOnlyList<long>> ShownAsync(
        string path,
        int stream,
        double? seek,
        int? frames,
        CancellationToken ct
    )
    {
        var shown = new List<long>();
        var command = new ToolCommand(
            tools.Ffmpeg.Path,
            [
                "-nostdin",
                "-hide_banner",
                "-v",
                "error",
                .. Demuxers.Opening(path),
                "-noautorotate",
                .. seek is { } seconds
                    ? ["-noaccurate_seek", "-ss", seconds.ToString("0.000000")]
                    : Array.Empty<string>(),
                "-copyts",
                "-i",
                DecodeArguments.FileArgument(path),
                "-map",
                $"0:{stream}",
                .. frames is { } limit ? ["-frames:v", limit.ToString()] : Array.Empty<string>(),
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                "-1",
                // Only timestamps are wanted: the checksum is over a frame's header, not its pixels.
                "-c:v",
                "wrapped_avframe",
                "-f",
                "framecrc",
                "-",
            ],
            kind
        );
        await RunAsync(
            command,
            line =>
            {
                var fields = line.Split(',');
                if (fields.Length > 2 && long.TryParse(fields[2], out var pts))
                {
                    shown.Add(pts);
                }
            },
            ct,
            DecodeErrors
        );
        return shown;
    }

    private async Task<JsonElement> AskAsync(
        string path,
        IReadOnlyList<string> questions,
        CancellationToken ct,
        IReadOnlyList<int>? goodExitCodes = null
    )
    {
        var answer = await FfprobeAsync(
            path,
            [.. questions, "-of", "json"],
            null,
            ct,
            goodExitCodes
        );
        return ProbeJson.Parse(answer.Output);
    }

    private Task<ToolResult> FfprobeAsync(
        string path,
        IReadOnlyList<string> questions,
        Action<string>? onLine,
        CancellationToken ct,
        IReadOnlyList<int>? goodExitCodes
    ) => RunAsync(ProbeCommand.Of(tools, path, questions, kind), onLine, ct, goodExitCodes);

    private async Task<JsonElement> OptionalAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken ct
    )
    {
        try
        {
            var answer = await RunAsync(new ToolCommand(program, arguments, kind), null, ct);
            return ProbeJson.Parse(answer.Output);
        }
        catch (Exception error) when (error is ToolFailedException or JsonException)
        {
            return ProbeJson.Parse("");
        }
    }

    private Task<ToolResult> RunAsync(
        ToolCommand command,
        Action<string>? onLine,
        CancellationToken ct,
        IReadOnlyList<int>? goodExitCodes = null
    ) =>
        runner.RunAsync(
            command with
            {
                OnOutputLine = onLine,
                StallLimit = StallLimit,
                StopGrace = TimeSpan.Zero,
                GoodExitCodes = goodExitCodes ?? [0],
            },
            ct
        );
}
