using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>Settles what a profile leaves to the source: picture size, filters, CRF by height, colours.</summary>
public static class EncodeSettingsResolver
{
    /// <summary>The smallest side that SVT-AV1 takes, pixels.</summary>
    private const int SmallestAv1Side = 64;

    /// <summary>SVT-AV1 takes no higher rate. The frames' own times, which the muxer is given, are not touched by it.</summary>
    private static readonly Rational FastestAv1 = new(240, 1);

    /// <exception cref="FarmException">The picture is too small for the encoder.</exception>
    public static EncodeSettings Resolve(Rendition rendition, SourceAnalysis analysis)
    {
        var source = analysis.Video;
        var video = rendition.Video;
        var picture = PictureGeometry.Resolve(analysis, video);
        if (
            video.Codec == VideoCodec.Av1
            && Math.Min(picture.Width, picture.Height) < SmallestAv1Side
        )
        {
            throw new FarmException(
                FarmError.BadInput,
                $"{analysis.Source.Path} can't be encoded as AV1: its picture of {picture.Width}x{picture.Height} is smaller than {SmallestAv1Side} pixels."
            );
        }
        return new EncodeSettings(
            video.Rate == RateControl.Crf
                ? video with
                {
                    Crf = video.Crf ?? CrfFor(video, picture.Height),
                }
                : video,
            picture.Filters,
            picture.Width,
            picture.Height,
            video.Codec == VideoCodec.Av1 && source.FrameRate.Value > FastestAv1.Value
                ? FastestAv1
                : source.FrameRate,
            source.VariableFrameRate,
            picture.Color,
            source.Hdr,
            source.Mastering,
            source.Light
        )
        {
            SampleAspect = picture.SampleAspect,
        };
    }

    private static int CrfFor(VideoSettings video, int height) =>
        height switch
        {
            <= 720 => video.CrfSd,
            <= 1080 => video.CrfHd,
            _ => video.CrfUhd,
        };
}
