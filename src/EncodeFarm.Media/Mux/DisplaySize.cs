using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>The size that a picture is shown at, where its samples aren't square.</summary>
internal readonly record struct DisplaySize(int Width, int Height, bool IsSquare)
{
    /// <summary>
    /// The shape of a sample is the source's: crop keeps it, the scaler keeps the picture's proportions, and a quarter
    /// turn exchanges width and height. The shorter side of a sample grows, so that nothing is shown smaller. Where the
    /// pictures of two eyes lie side by side, Matroska wants the size that one of them is shown at.
    /// </summary>
    public static DisplaySize Of(EncodeSettings settings, VideoStream source)
    {
        var aspect = SampleAspect(source);
        var (columns, rows) = Eyes(source.StereoMode);
        return new DisplaySize(
            (int)Math.Round(settings.Width * Math.Max(aspect, 1) / columns),
            (int)Math.Round(settings.Height / Math.Min(aspect, 1) / rows),
            IsSquare: aspect == 1 && columns == rows
        );
    }

    /// <summary>Width by height of the whole picture as it is shown, of two eyes together.</summary>
    public static double Aspect(EncodeSettings settings, VideoStream source) =>
        settings.Width * SampleAspect(source) / settings.Height;

    /// <summary>How many eyes' pictures share the width and the height, by Matroska's number.</summary>
    private static (int Columns, int Rows) Eyes(int? stereoMode) =>
        stereoMode switch
        {
            1 or 8 or 9 or 11 => (2, 1),
            2 or 3 or 6 or 7 => (1, 2),
            _ => (1, 1),
        };

    private static double SampleAspect(VideoStream source)
    {
        // ffprobe says 0:1 where the source doesn't know.
        if (source.SampleAspect is not { Numerator: > 0, Denominator: > 0 } aspect)
        {
            return 1;
        }
        return source.Rotation is 90 or 270 ? aspect.Inverse.Value : aspect.Value;
    }

    public override string ToString() => $"{Width}x{Height}";
}
