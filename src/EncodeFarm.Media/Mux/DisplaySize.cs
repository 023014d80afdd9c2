using System.Globalization;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>The size that a picture is shown at, where its samples aren't square.</summary>
internal readonly record struct DisplaySize(int Width, int Height, bool IsSquare)
{
    /// <summary>
    /// The shape of a sample is the source's: crop keeps it, the scaler keeps the picture's proportions, and a quarter
    /// turn exchanges width and height. The shorter side of a sample grows, so that nothing is shown smaller.
    /// </summary>
    public static DisplaySize Of(EncodeSettings settings, VideoStream source)
    {
        var (width, height) = (settings.Width, settings.Height);
        var aspect = SampleAspect(source);
        return aspect switch
        {
            1 => new DisplaySize(width, height, IsSquare: true),
            > 1 => new DisplaySize((int)Math.Round(width * aspect), height, IsSquare: false),
            _ => new DisplaySize(width, (int)Math.Round(height / aspect), IsSquare: false),
        };
    }

    private static double SampleAspect(VideoStream source)
    {
        // ffprobe says 0:1 where the source doesn't know.
        if (source.SampleAspect is not { Numerator: > 0, Denominator: > 0 } aspect)
        {
            return 1;
        }
        return source.Rotation is 90 or 270 ? aspect.Inverse.Value : aspect.Value;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");
}
