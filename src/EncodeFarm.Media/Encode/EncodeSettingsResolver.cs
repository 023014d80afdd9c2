using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>Settles what a profile leaves to the source: picture size, filters, CRF by height, colours.</summary>
public static class EncodeSettingsResolver
{
    public static EncodeSettings Resolve(Rendition rendition, SourceAnalysis analysis)
    {
        var video = analysis.Video;
        var crop = analysis.Crop.Rectangle;
        var width = (crop?.Width ?? video.Width) / 2 * 2;
        var height = (crop?.Height ?? video.Height) / 2 * 2;
        var filters =
            crop is not null ? $"crop={width}:{height}:{crop.X}:{crop.Y}"
            : (width, height) != (video.Width, video.Height) ? $"crop={width}:{height}:0:0"
            : "";
        var settings = rendition.Video;
        return new EncodeSettings(
            settings.Rate == RateControl.Crf
                ? settings with
                {
                    Crf = settings.Crf ?? CrfFor(settings, height),
                }
                : settings,
            filters,
            width,
            height,
            video.FrameRate,
            video.VariableFrameRate,
            video.Color,
            video.Hdr,
            video.Mastering,
            video.Light
        );
    }

    static double CrfFor(VideoSettings settings, int height) =>
        height switch
        {
            <= 720 => settings.CrfSd,
            <= 1080 => settings.CrfHd,
            _ => settings.CrfUhd,
        };
}
