using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>Which pictures of a source are looked at, for black bars above all. Pure.</summary>
internal static class CropSampling
{
    private const int PerHour = 60;
    private const int Fewest = 10;
    private const int Most = 100;

    /// <summary>Keyframes (frame numbers) evenly spread over the source without its end credits; each once.</summary>
    public static IReadOnlyList<int> Keyframes(FrameTable frames)
    {
        var seconds = (frames.EndPts - frames.Pts[0]) * frames.TimeBase.Value;
        var usable = seconds - Credits(seconds);
        var count = Math.Clamp((int)Math.Round(usable / 3600 * PerHour), Fewest, Most);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    frames.Pts[0] + (long)((i + 0.5) * usable / count / frames.TimeBase.Value)
                )
                .Select(pts => Before(frames, pts))
                .OfType<int>()
                .Distinct(),
        ];
    }

    /// <summary>False where keyframes are so few that pictures between them have to be looked at.</summary>
    public static bool IsEnough(IReadOnlyList<int> keyframes) => keyframes.Count >= Fewest;

    /// <summary>Every n-th of <paramref name="frames"/> frames, for <see cref="Fewest"/> samples or a few more.</summary>
    public static int Step(int frames) => Math.Max(frames / Fewest, 1);

    /// <summary>Seconds at the end that show white letters on black.</summary>
    internal static double Credits(double seconds) =>
        seconds switch
        {
            > 3600 => 180,
            > 1200 => 60,
            > 300 => 30,
            _ => 0,
        };

    /// <summary>The last keyframe at or before a moment.</summary>
    private static int? Before(FrameTable frames, long pts)
    {
        var found = Array.BinarySearch(frames.Pts, pts);
        var frame = found < 0 ? ~found - 1 : found;
        var key = Array.BinarySearch(frames.Keyframes, frame);
        var index = key < 0 ? ~key - 1 : key;
        return index >= 0 ? frames.Keyframes[index] : null;
    }
}
