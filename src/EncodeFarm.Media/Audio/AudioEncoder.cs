using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Audio;

/// <summary>
/// Encodes audio tracks. A track is encoded in one go: pieces that are joined later have a seam of some hundred samples each.
/// </summary>
public sealed class AudioEncoder(ToolSet tools, IToolRunner runner)
{
    /// <summary>Matroska's timestamps are whole milliseconds; two roundings meet here.</summary>
    private const double StartTolerance = 0.0015;

    /// <summary>A resampler's last output may be a few samples more or less.</summary>
    private const int ResamplerSlack = 32;

    /// <summary>ffmpeg ends with this where more than two thirds of the packets can't be decoded.</summary>
    private const int TooManyErrors = 69;

    /// <summary>
    /// What may be missing at the end of a track: padding that is never heard, a packet that was cut off. ffmpeg ends with
    /// 0 where reading failed in the middle, and then far more is missing.
    /// </summary>
    private const double EndTolerance = 1;

    /// <summary>The longest packet of the usual codecs; so much may be missing for each that can't be decoded.</summary>
    private const double PacketSeconds = 0.12;

    private static readonly TimeSpan StallLimit = TimeSpan.FromMinutes(2);

    private readonly AudioProbe _probe = new(tools, runner);

    /// <summary>Nothing is left in the directory when it fails.</summary>
    /// <param name="directory">Exists; gets the file.</param>
    /// <param name="progress">0..1.</param>
    /// <exception cref="ToolFailedException">ffmpeg failed.</exception>
    /// <exception cref="FarmException">The disk is full, or nothing could be decoded.</exception>
    public async Task<EncodedAudio> EncodeAsync(
        SourceAnalysis analysis,
        AudioTrack track,
        AudioSettings settings,
        string directory,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        if (track.Channels == 0)
        {
            throw CantBeDecoded(analysis, track);
        }
        var path = Path.Combine(directory, $"audio_{track.Track.StreamIndex}.mka");
        var partial = path + ".part";
        try
        {
            var run = await RunWideAsync(
                analysis,
                track,
                settings,
                partial,
                progress,
                cancellation
            );
            var audio = await DescribeAsync(analysis, run, settings, partial, cancellation);
            File.Move(partial, path, overwrite: true);
            return audio with { Path = path };
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>
    /// A track that becomes wider in the middle would be mixed down to what it began with. That it does is seen when it
    /// was decoded: then it is encoded once more.
    /// </summary>
    private async Task<AudioRun> RunWideAsync(
        SourceAnalysis analysis,
        AudioTrack track,
        AudioSettings settings,
        string destination,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        var first = await RunAsync(analysis, track, settings, destination, progress, cancellation);
        if (ChannelLayouts.Wider(track, first.Layouts) is not { } wider)
        {
            return first;
        }
        if (StoredLayout.Of(wider, settings.Codec) is null)
        {
            throw CantBeHeld(analysis, wider, settings);
        }
        var second = await RunAsync(analysis, wider, settings, destination, progress, cancellation);
        return second with
        {
            Result = second.Result with
            {
                CpuSeconds = first.Result.CpuSeconds + second.Result.CpuSeconds,
            },
        };
    }

    private async Task<AudioRun> RunAsync(
        SourceAnalysis analysis,
        AudioTrack track,
        AudioSettings settings,
        string destination,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        var layouts = new List<string>();
        var errors = 0;
        var zero = OutputClock.ZeroSeconds(analysis);
        var total = track.Track.DurationSeconds ?? analysis.DurationSeconds;
        var command = new ToolCommand(
            tools.Ffmpeg.Path,
            AudioArguments.Build(analysis.Source.Path, track, settings, zero, destination),
            WorkKind.Audio
        )
        {
            OnProgress = now =>
            {
                if (now.OutTime is { } time && total > 0)
                {
                    progress?.Invoke(Math.Clamp(time.TotalSeconds / total, 0, 1));
                }
            },
            OnErrorLine = line =>
            {
                errors += AudioReport.IsDecodeError(line) ? 1 : 0;
                if (AudioReport.LayoutIn(line) is { } layout && !layouts.Contains(layout))
                {
                    layouts.Add(layout);
                }
            },
            StallLimit = StallLimit,
        };
        try
        {
            var result = await runner.RunAsync(command, cancellation);
            return new AudioRun(track, result, layouts, errors);
        }
        catch (ToolFailedException exception) when (exception.ExitCode == TooManyErrors)
        {
            throw CantBeDecoded(analysis, track);
        }
        catch (ToolFailedException exception) when (exception.Kind == ToolFailureKind.DiskFull)
        {
            var rate = settings.Bitrate ?? AudioBitrate.Opus(track.Channels);
            throw DiskSpace.Full(destination, (long)(rate / 8.0 * total));
        }
    }

    private async Task<EncodedAudio> DescribeAsync(
        SourceAnalysis analysis,
        AudioRun run,
        AudioSettings settings,
        string path,
        CancellationToken cancellation
    )
    {
        var (track, result, layouts, errors) = run;
        var stream = track.Track.StreamIndex;
        var encoded = await _probe.ReadAsync(path, streamIndex: 0, cancellation);
        if (encoded.FirstHeardSeconds is not { } start)
        {
            throw CantBeDecoded(analysis, track);
        }
        var source = await _probe.ReadAsync(analysis.Source.Path, stream, cancellation);
        var report = AudioReport.Parse(result.ErrorTail);
        var duration = report.Encoded is { } samples
            ? (double)samples / encoded.SampleRate
            : await CopiedSecondsAsync(path, cancellation);
        var zero = OutputClock.ZeroSeconds(analysis);
        var planned = source.FirstHeardSeconds - zero;
        var found = start + duration;
        var whole =
            Math.Max(analysis.StartSeconds, analysis.FirstVideoSeconds)
            + analysis.DurationSeconds
            - zero;
        // That is a read of the whole source: what lasts as long as that does is all there.
        var end =
            found >= whole - EndTolerance
                ? found
                : await _probe.EndAsync(analysis.Source.Path, stream, cancellation) - zero ?? found;
        if (end - found > EndTolerance + PacketSeconds * errors)
        {
            throw EndsEarly(analysis, track, found, end);
        }
        return new EncodedAudio(
            stream,
            path,
            new FileInfo(path).Length,
            await FileHash.Sha256Async(path, cancellation),
            settings.Codec,
            encoded.Channels,
            encoded.Layout ?? "unknown",
            start,
            duration,
            report.Encoded ?? (long)Math.Round(duration * encoded.SampleRate),
            result.CpuSeconds,
            [
                .. LayoutWarning(track, settings),
                .. ChangeWarning(stream, layouts, encoded.Layout),
                .. StartWarning(stream, planned, start),
                .. DamageWarning(stream, errors),
                .. LengthWarning(stream, report, source.SampleRate, encoded.SampleRate),
            ]
        );
    }

    private static FarmException CantBeDecoded(SourceAnalysis analysis, AudioTrack track) =>
        new(
            FarmError.BadInput,
            $"Audio stream {track.Track.StreamIndex} ({string.Join(", ", Names(track.Track))}) of {analysis.Source.Path} can't be decoded: it is damaged or empty.",
            $"Leave it out first: ffmpeg -i <it> -map 0 -map -0:{track.Track.StreamIndex} -c copy <new>.mkv"
        );

    private static FarmException CantBeHeld(
        SourceAnalysis analysis,
        AudioTrack track,
        AudioSettings settings
    ) =>
        new(
            FarmError.BadInput,
            $"Audio stream {track.Track.StreamIndex} of {analysis.Source.Path} has {track.Channels} channels on the way, which {settings.Codec.ToString().ToUpperInvariant()} can't hold.",
            "Take a profile whose audio is opus or copy."
        );

    private static FarmException EndsEarly(
        SourceAnalysis analysis,
        AudioTrack track,
        double found,
        double expected
    ) =>
        new(
            FarmError.ToolFailed,
            $"Audio stream {track.Track.StreamIndex} of {analysis.Source.Path} goes on until {expected:0.0} s, but only {found:0.0} s of it could be read and encoded.",
            "Check the disk or the network that holds it."
        );

    private static IEnumerable<string> Names(MediaTrack track) =>
        new[] { track.Codec, track.Language, track.Title }.OfType<string>();

    private async Task<double> CopiedSecondsAsync(string path, CancellationToken cancellation)
    {
        var scan = await PayloadScan.RunAsync(tools, runner, path, WorkKind.Audio, cancellation);
        return scan[0].DurationSeconds;
    }

    private static IEnumerable<string> LayoutWarning(AudioTrack track, AudioSettings settings) =>
        StoredLayout.Of(track, settings.Codec)?.Warning is { } warning
            ? [$"Audio stream {track.Track.StreamIndex}: {warning}"]
            : [];

    private static IEnumerable<string> ChangeWarning(
        int stream,
        IReadOnlyList<string> layouts,
        string? stored
    ) =>
        layouts.Count > 1
            ?
            [
                $"Audio stream {stream} changes its channels on the way ({string.Join(", ", layouts)}); all of it is stored as {stored ?? "one layout"}.",
            ]
            : [];

    private static IEnumerable<string> StartWarning(int stream, double? planned, double found) =>
        planned is { } start && Math.Abs(start - found) > StartTolerance
            ? [$"Audio stream {stream} starts at {found:0.000} s instead of {start:0.000} s."]
            : [];

    private static IEnumerable<string> DamageWarning(int stream, int errors) =>
        errors > 0
            ? [$"{errors} packets of audio stream {stream} are damaged and could not be decoded."]
            : [];

    private static IEnumerable<string> LengthWarning(
        int stream,
        AudioReport report,
        int sourceRate,
        int encodedRate
    )
    {
        if (report is { Decoded: { } decoded, Encoded: { } encoded })
        {
            var filled = encoded - (double)decoded * encodedRate / sourceRate;
            if (Math.Abs(filled) > ResamplerSlack)
            {
                yield return $"The timestamps of audio stream {stream} have holes or overlaps; {filled / encodedRate:+0.000;-0.000} s were added to keep it in sync.";
            }
        }
    }

    /// <param name="Track">As it was encoded.</param>
    /// <param name="Layouts">All that were decoded, in the order of their first appearance.</param>
    /// <param name="Errors">Packets that could not be decoded.</param>
    private sealed record AudioRun(
        AudioTrack Track,
        ToolResult Result,
        IReadOnlyList<string> Layouts,
        int Errors
    );
}
