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
        foreach (var rendition in profile.Renditions)
        {
            if (rendition.Video.Rate == RateControl.TargetVmaf)
            {
                RequireVmaf(tools);
            }
            RequireEncoder(tools, profile, EncoderOf(rendition.Video.Codec));
            if (EncoderOf(rendition.Audio.Codec) is { } audio)
            {
                RequireEncoder(tools, profile, audio);
            }
        }
    }

    private static void RequireEncoder(ToolSet tools, Profile profile, string encoder)
    {
        if (!tools.Encoders.Contains(encoder))
        {
            throw new FarmException(
                FarmError.ToolMissing,
                $"The profile {profile.Name} needs {encoder}, which {tools.Ffmpeg.Path} lacks.",
                "Install an ffmpeg that has it; see encodefarm doctor"
            );
        }
    }

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
