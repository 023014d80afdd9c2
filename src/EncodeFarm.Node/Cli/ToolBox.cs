using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Locate;
using EncodeFarm.Node.Jobs;

namespace EncodeFarm.Node.Cli;

/// <summary>The external programs of this machine, and whether they suffice.</summary>
public static class ToolBox
{
    /// <exception cref="FarmException">A tool that everything needs is missing.</exception>
    public static Task<ToolSet> LocateAsync(
        IToolRunner runner,
        WorkDirectory work,
        CancellationToken cancellation
    ) => Locator(runner, work).LocateAsync(cancellation);

    public static ToolLocator Locator(IToolRunner runner, WorkDirectory work) =>
        new(runner, new ToolLocatorOptions { CacheDirectory = work.Path });

    /// <exception cref="FarmException">There is nothing to measure VMAF with.</exception>
    public static void RequireVmaf(ToolSet tools)
    {
        if (tools.Vmaf is null)
        {
            throw new FarmException(
                FarmError.ToolMissing,
                "Nothing on this machine can measure VMAF.",
                "See encodefarm doctor, or encode without a target: -p av1-crf"
            );
        }
    }

    /// <exception cref="FarmException">The profile needs something that is missing.</exception>
    public static void Require(ToolSet tools, Profile profile)
    {
        if (MeasuresVmaf(profile))
        {
            RequireVmaf(tools);
        }
        if (EncodersOf(profile).FirstOrDefault(one => !tools.Encoders.Contains(one)) is { } lacking)
        {
            throw new FarmException(
                FarmError.ToolMissing,
                $"The profile {profile.Name} needs {lacking}, which {tools.Ffmpeg.Path} lacks.",
                "Install an ffmpeg that has it; see encodefarm doctor"
            );
        }
    }

    /// <summary>What the profile needs beyond the tools that everything needs, by the names of <see cref="ToolFinding"/>.</summary>
    public static IReadOnlySet<string> NeedsOf(Profile profile) =>
        EncodersOf(profile)
            .Select(ToolFinding.Encoder)
            .Concat(MeasuresVmaf(profile) ? [ToolFinding.Vmaf] : [])
            .ToHashSet();

    private static bool MeasuresVmaf(Profile profile) =>
        profile.Renditions.Any(rendition => rendition.Video.Rate == RateControl.TargetVmaf);

    private static IEnumerable<string> EncodersOf(Profile profile) =>
        profile
            .Renditions.SelectMany(rendition =>
                new[] { EncoderOf(rendition.Video.Codec), EncoderOf(rendition.Audio.Codec) }
            )
            .OfType<string>();

    private static string EncoderOf(VideoCodec codec) =>
        codec switch
        {
            VideoCodec.H264 => "libx264",
            VideoCodec.H265 => "libx265",
            VideoCodec.Vp9 => "libvpx-vp9",
            _ => "libsvtav1",
        };

    private static string? EncoderOf(AudioCodec codec) =>
        codec switch
        {
            AudioCodec.Opus => "libopus",
            AudioCodec.Aac => "aac",
            _ => null,
        };
}
