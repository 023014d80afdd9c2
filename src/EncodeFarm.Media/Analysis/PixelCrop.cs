using System.Text.Json;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>
/// What Matroska asks players to cut off the decoded picture. ffmpeg before 7.1 does not know of it, so it is done here.
/// </summary>
/// <param name="Shown">The part that is shown, in pixels of the decoded picture.</param>
internal readonly record struct PixelCrop(CropRectangle Shown)
{
    /// <param name="matroska">mkvmerge's identification.</param>
    /// <param name="track">mkvmerge numbers the tracks as ffprobe does.</param>
    /// <returns>Null where the whole picture is shown, or nothing would be left of it.</returns>
    public static PixelCrop? Read(JsonElement matroska, int track, int width, int height)
    {
        var text = matroska
            .Items("tracks")
            .FirstOrDefault(one => one.Integer("id") == track)
            .Member("properties")
            ?.Text("cropping");
        var edges = (text ?? "")
            .Split(',')
            .Select(edge => int.TryParse(edge, out var pixels) ? pixels : -1)
            .ToArray();
        if (
            edges
            is not [>= 0 and var left, >= 0 and var top, >= 0 and var right, >= 0 and var bottom]
        )
        {
            return null;
        }
        var shown = new CropRectangle(width - left - right, height - top - bottom, left, top);
        return shown is { Width: > 0, Height: > 0 } && (left, top, right, bottom) != (0, 0, 0, 0)
            ? new PixelCrop(shown)
            : null;
    }

    /// <summary>
    /// The container's display size is that of what is shown; ffprobe takes it for the size of the whole picture.
    /// </summary>
    /// <param name="probed">The pixel's aspect as ffprobe has it.</param>
    public Rational Aspect(Rational probed, int width, int height)
    {
        var numerator = probed.Numerator * width * Shown.Height;
        var denominator = probed.Denominator * Shown.Width * height;
        var divisor = (long)
            System.Numerics.BigInteger.GreatestCommonDivisor(numerator, denominator);
        return new Rational(numerator / divisor, denominator / divisor);
    }

    /// <summary>Black bars within what is shown are cut off too. Colours are stored for two pixels each way, so a part of such a pair stays.</summary>
    public CropDecision Within(CropDecision bars)
    {
        var inner = bars.Rectangle ?? Shown;
        var (left, top) = (Math.Max(Shown.X, inner.X) / 2 * 2, Math.Max(Shown.Y, inner.Y) / 2 * 2);
        var right = Math.Min(Shown.X + Shown.Width, inner.X + inner.Width);
        var bottom = Math.Min(Shown.Y + Shown.Height, inner.Y + inner.Height);
        return new CropDecision(
            new CropRectangle((right - left) / 2 * 2, (bottom - top) / 2 * 2, left, top),
            bars.Rectangle is null ? 1 : bars.Confidence,
            $"the container shows {Shown}; {bars.Reason}"
        );
    }
}
