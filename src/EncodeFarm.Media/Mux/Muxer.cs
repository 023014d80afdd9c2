using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Mux;

/// <param name="Destination">Where the file is written: a temporary name in the directory of the final one.</param>
/// <param name="WorkDirectory">Exists; holds small helper files while the muxer runs.</param>
public sealed record MuxRequest(
    SourceAnalysis Analysis,
    FrameTable Frames,
    EncodeSettings Settings,
    Container Container,
    JoinedVideo Video,
    IReadOnlyList<EncodedAudio> Audio,
    string Destination,
    string WorkDirectory
);

/// <param name="Warnings">Whole sentences: what could not be carried over, what was converted.</param>
public sealed record MuxedFile(
    string Path,
    long SizeBytes,
    double? CpuSeconds,
    IReadOnlyList<string> Warnings
);

/// <summary>
/// Puts video, audio and everything else of the source into one file. Equal inputs give equal bytes.
/// </summary>
public sealed class Muxer(ToolSet tools, IToolRunner runner)
{
    /// <summary>Index, headers and subtitles, as a share of video and audio; generous.</summary>
    private const double ContainerShare = 0.02;

    /// <summary>Nothing is left at the destination when it fails.</summary>
    /// <exception cref="FarmException">The disk is full, or the container can't be made.</exception>
    /// <exception cref="ToolFailedException">mkvmerge or ffmpeg failed.</exception>
    public async Task<MuxedFile> MuxAsync(
        MuxRequest request,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        var bytes = NeededBytes(request);
        DiskSpace.Require(request.Destination, bytes);
        var helpers = Directory.CreateDirectory(
            Path.Combine(request.WorkDirectory, HelperName(request.Destination))
        );
        try
        {
            return request.Container == Container.Mp4
                ? await MuxMp4Async(request, helpers.FullName, bytes, progress, cancellation)
                : await MuxMatroskaAsync(request, helpers.FullName, bytes, progress, cancellation);
        }
        catch
        {
            File.Delete(request.Destination);
            throw;
        }
        finally
        {
            helpers.Delete(recursive: true);
        }
    }

    /// <summary>
    /// By way of a Matroska file: ffmpeg shifts every one of several inputs to 0, but keeps the tracks of one where they are.
    /// </summary>
    private async Task<MuxedFile> MuxMp4Async(
        MuxRequest request,
        string helpers,
        long neededBytes,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        var whole = Path.Combine(helpers, "whole.mkv");
        DiskSpace.Require(whole, neededBytes);
        var matroska = await MuxMatroskaAsync(
            request with
            {
                Container = Container.Mkv,
                Destination = whole,
            },
            helpers,
            neededBytes,
            progress,
            cancellation
        );
        var meter = new CpuMeter(runner);
        var mkvmerge = new Mkvmerge(tools, meter);
        var all = await mkvmerge.PlanAsync(request.Analysis, WorkKind.Mux, cancellation);
        var iso639 = await mkvmerge.Iso639Async(WorkKind.Mux, cancellation);
        var command = new ToolCommand(
            tools.Ffmpeg.Path,
            Mp4Arguments.Build(whole, all, request, request.Destination),
            WorkKind.Mux
        );
        try
        {
            await meter.RunAsync(command, cancellation);
        }
        catch (ToolFailedException exception) when (exception.Kind == ToolFailureKind.DiskFull)
        {
            throw DiskSpace.Full(request.Destination, neededBytes);
        }
        return new MuxedFile(
            request.Destination,
            new FileInfo(request.Destination).Length,
            matroska.CpuSeconds + meter.Seconds,
            [.. all.ForMp4(iso639).Warnings, .. matroska.Warnings.Except(all.Warnings)]
        );
    }

    private async Task<MuxedFile> MuxMatroskaAsync(
        MuxRequest request,
        string helpers,
        long neededBytes,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        var meter = new CpuMeter(runner);
        var mkvmerge = new Mkvmerge(tools, meter);
        var plan = await mkvmerge.PlanAsync(
            request.Analysis,
            request.Container,
            WorkKind.Mux,
            cancellation
        );
        var extractor = new PassengerExtractor(tools, meter);
        var inputs = await PrepareAsync(request, plan, extractor, helpers, cancellation);
        var warnings = await mkvmerge.MergeAsync(
            MkvmergeArguments.Build(inputs, plan, request.Settings, request.Analysis.Video),
            helpers,
            () => DiskSpace.Full(request.Destination, neededBytes),
            progress,
            cancellation
        );
        return new MuxedFile(
            request.Destination,
            new FileInfo(request.Destination).Length,
            meter.Seconds,
            [.. plan.Warnings, .. warnings.Select(warning => $"mkvmerge: {warning}")]
        );
    }

    private static async Task<MkvmergeInputs> PrepareAsync(
        MuxRequest request,
        CarryPlan plan,
        PassengerExtractor extractor,
        string helpers,
        CancellationToken cancellation
    )
    {
        var analysis = request.Analysis;
        var zero = OutputClock.ZeroSeconds(analysis);
        var timestamps = Path.Combine(helpers, "timestamps.txt");
        await TimestampFile.WriteAsync(
            timestamps,
            // One more than there are frames: where the last one ends.
            [
                .. OutputClock.FrameMilliseconds(analysis, request.Frames),
                OutputClock.EndMilliseconds(analysis, request.Frames),
            ],
            cancellation
        );
        var inputs = new MkvmergeInputs(
            request.Destination,
            request.Video.VideoSha256,
            request.Video.Path,
            timestamps,
            request.Audio,
            ExtractedSubtitles: null,
            Passengers: analysis.Source.Path,
            ChaptersFile: null,
            TagsFile: null,
            Title: null,
            Covers: [],
            zero,
            WebM: request.Container == Container.WebM,
            PassengersHaveChapters: analysis.Chapters.Count > 0
        );
        if (plan.Direct)
        {
            return inputs;
        }
        var extracted = await extractor.ExtractAsync(analysis, plan, helpers, cancellation);
        return inputs with
        {
            Passengers = null,
            ExtractedSubtitles = extracted.Subtitles,
            ChaptersFile = await WriteChaptersAsync(analysis, zero, helpers, cancellation),
            TagsFile = await WriteTagsAsync(analysis, helpers, cancellation),
            Title = plan.Title,
            Covers = extracted.Covers,
        };
    }

    private static async Task<string?> WriteChaptersAsync(
        SourceAnalysis analysis,
        double zero,
        string helpers,
        CancellationToken cancellation
    )
    {
        if (analysis.Chapters.Count == 0)
        {
            return null;
        }
        var path = Path.Combine(helpers, "chapters.xml");
        var document = MatroskaXml.Chapters(analysis.Chapters, zero);
        await MatroskaXml.WriteAsync(document, path, cancellation);
        return path;
    }

    private static async Task<string?> WriteTagsAsync(
        SourceAnalysis analysis,
        string helpers,
        CancellationToken cancellation
    )
    {
        if (MatroskaXml.Tags(analysis.Metadata) is not { } document)
        {
            return null;
        }
        var path = Path.Combine(helpers, "tags.xml");
        await MatroskaXml.WriteAsync(document, path, cancellation);
        return path;
    }

    /// <summary>Each rendition's own, and the same after a restart.</summary>
    private static string HelperName(string destination)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(destination));
        return $"mux-{Convert.ToHexStringLower(hash)[..16]}";
    }

    private static long NeededBytes(MuxRequest request)
    {
        var streams = request.Video.SizeBytes + request.Audio.Sum(audio => audio.SizeBytes);
        return streams + (long)(streams * ContainerShare) + (1 << 16);
    }
}
