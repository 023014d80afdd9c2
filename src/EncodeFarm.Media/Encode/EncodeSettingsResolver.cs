using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>Settles what a profile leaves to the source: picture size, filters, CRF by height, colours.</summary>
public static class EncodeSettingsResolver
{
    public static EncodeSettings Resolve(Rendition rendition, SourceAnalysis analysis)
    {
        var video = analysis.Video;
        var settings = rendition.Video;
        var picture = PictureGeometry.Resolve(analysis, settings);
        return new EncodeSettings(
            settings.Rate == RateControl.Crf
                ? settings with
                {
                    // An upright picture is as demanding as the same one lying.
                    Crf = settings.Crf ?? CrfFor(settings, Math.Min(picture.Width, picture.Height)),
                }
                : settings,
            picture.Filters,
            picture.Width,
            picture.Height,
            video.FrameRate,
            video.VariableFrameRate,
            picture.Color,
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
