namespace EncodeFarm.Media.Encode;

internal static class KeyframeInterval
{
    /// <summary>
    /// Frames from keyframe to keyframe, so that a segment has groups of equal length, none longer than wanted: 15 s
    /// with a keyframe every 10 s become two groups of 7.5 s instead of 10 and 5.
    /// </summary>
    public static int Of(int frames, double durationSeconds, double keyframeSeconds)
    {
        var groups = Math.Max(1, (int)Math.Ceiling(durationSeconds / keyframeSeconds - 1e-6));
        return Math.Max(1, (frames + groups - 1) / groups);
    }
}
