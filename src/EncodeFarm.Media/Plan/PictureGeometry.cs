using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Plan;

/// <summary>
/// What happens to the picture between decoder and encoder, in this order: deinterlace, crop, turn upright and the right way round, scale
/// down. Sides come out even, the shape of a pixel stays (seen upright), and full range stays full range.
/// </summary>
/// <param name="Filters">ffmpeg's filter chain; empty where the picture goes through as it is.</param>
/// <param name="SampleAspect">Width of a pixel by its height.</param>
/// <param name="Color">Colour after the filters: the source's, except that RGB becomes BT.709.</param>
public sealed record PictureGeometry(
    string Filters,
    int Width,
    int Height,
    Rational SampleAspect,
    ColorTags Color
)
{
    public static PictureGeometry Resolve(SourceAnalysis analysis, VideoSettings settings)
    {
        var video = analysis.Video;
        var filters = new List<string>();
        if (video.Interlaced)
        {
            filters.Add(
                video.PartlyInterlaced
                    ? "bwdif=mode=send_frame:parity=auto:deint=interlaced"
                    : $"bwdif=mode=send_frame:parity={Parity(video.FieldOrder)}:deint=all"
            );
        }

        var kept = Even(
            analysis.Crop.Rectangle ?? new CropRectangle(video.Width, video.Height, 0, 0)
        );
        if (kept.Width != video.Width || kept.Height != video.Height)
        {
            filters.Add($"crop={kept}");
        }

        filters.AddRange(Upright(video));
        var (width, height) = video.Rotation is 90 or 270
            ? (kept.Height, kept.Width)
            : (kept.Width, kept.Height);

        var fitted = Fit(width, height, settings);
        var levels = Levels(video);
        if (fitted != (width, height))
        {
            filters.Add(Scale([$"{fitted.Width}:{fitted.Height}", .. levels]));
        }
        else if (levels.Length > 0)
        {
            filters.Add(Scale(levels));
        }
        return new PictureGeometry(
            string.Join(',', filters),
            fitted.Width,
            fitted.Height,
            video.Rotation is 90 or 270 ? video.SampleAspect.Inverse : video.SampleAspect,
            IsRgb(video) ? video.Color with { Matrix = "bt709", Range = "tv" } : video.Color
        );
    }

    /// <summary>
    /// Top field first for "tt", bottom for "bb". Of "tb" and "bt" containers mean different things, so there the
    /// frames themselves are asked.
    /// </summary>
    private static string Parity(string? fieldOrder) =>
        fieldOrder switch
        {
            "tt" => "tff",
            "bb" => "bff",
            _ => "auto",
        };

    /// <summary>The encoders take even sides only, and chroma begins at even pixels.</summary>
    private static CropRectangle Even(CropRectangle crop) =>
        new(crop.Width / 2 * 2, crop.Height / 2 * 2, crop.X / 2 * 2, crop.Y / 2 * 2);

    private static string[] Upright(VideoStream video) =>
        (video.Rotation, video.Mirrored) switch
        {
            (90, false) => ["transpose=clock"],
            (180, false) => ["hflip", "vflip"],
            (270, false) => ["transpose=cclock"],
            (90, true) => ["transpose=clock_flip"],
            (180, true) => ["vflip"],
            (270, true) => ["transpose=cclock_flip"],
            (_, true) => ["hflip"],
            _ => [],
        };

    /// <summary>The largest picture of the same shape within the limits; never larger than it is.</summary>
    private static (int Width, int Height) Fit(int width, int height, VideoSettings settings)
    {
        var factor = Math.Min(
            (settings.MaxWidth / 2 * 2 ?? width) / (double)width,
            (settings.MaxHeight / 2 * 2 ?? height) / (double)height
        );
        return factor < 1
            ? (NearestEven(width * factor), NearestEven(height * factor))
            : (width, height);
    }

    private static int NearestEven(double side) => Math.Max((int)Math.Round(side / 2) * 2, 2);

    /// <summary>
    /// A change of pixel format would squeeze full range into limited range unless told not to; and RGB would become
    /// the matrix of standard definition.
    /// </summary>
    private static string[] Levels(VideoStream video)
    {
        if (IsRgb(video))
        {
            return ["out_color_matrix=bt709", "out_range=limited"];
        }
        return video.Color.Range == "pc" ? ["in_range=full", "out_range=full"] : [];
    }

    private static string Scale(IEnumerable<string> options) =>
        $"scale={string.Join(':', options)}:flags={FilterChain.ScalerFlags}";

    /// <summary>By ffmpeg's names: gbrp10le, bgra, x2rgb10le, 0rgb; palettes hold RGB.</summary>
    private static bool IsRgb(VideoStream video) =>
        video.Color.Matrix is "gbr" or "rgb"
        || video.PixelFormat is "pal8"
        || new[] { "gbr", "rgb", "bgr" }.Any(order => video.PixelFormat.Contains(order));
}
