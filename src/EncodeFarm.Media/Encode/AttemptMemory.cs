using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>
/// How much memory an attempt is likely to take at most, so that it is given only to a machine that has it. The figures
/// are peaks of the resident set of whole processes, measured with ffmpeg 5.1, SVT-AV1 1.4, x264 164, x265 3.5 and
/// libvpx 1.12 on moving test pictures of 360p to 2160p, and rounded up; nothing longer than the encoders look ahead takes more.
/// </summary>
public static class AttemptMemory
{
    /// <summary>Of a process with tiny pictures: program and libraries.</summary>
    private const long Program = 90L << 20;

    /// <summary>What a decoder keeps, bytes for a pixel: six references of 10 bits and three pictures on their way.</summary>
    private const long Decoder = 27;

    /// <summary>Two decoders and the VMAF tool together: 150 MiB at 360p, 240 at 720p, 380 at 1080p, 1130 at 2160p; this and so much for a pixel.</summary>
    private const long Measure = 130L << 20;

    private const long MeasurePixel = 126;

    /// <summary>PSNR and SSIM beside VMAF, which keep pictures as floating point numbers, bytes for a pixel.</summary>
    private const long MorePixel = 48;

    /// <summary>SVT-AV1 keeps fewer pictures of those that are larger than this: 570 MiB at 1080p, 1390 at 2160p.</summary>
    private const double FullHd = 1920 * 1080;

    private const double BeyondFullHd = 0.6;

    /// <summary>Bytes of the largest step of an attempt: encoding with one thread, or decoding both sides and measuring.</summary>
    /// <param name="sourcePixels">Of a picture of the source, before it is cropped and scaled.</param>
    public static long Bytes(EncodeSettings settings, long sourcePixels)
    {
        var decoder = Decoder * sourcePixels;
        var encode = Encoder(settings, threads: 1) + decoder;
        var pixel = MeasurePixel + (settings.Video.Quality.PsnrAndSsim ? MorePixel : 0);
        return settings.Video.Rate == RateControl.TargetVmaf
            ? Math.Max(encode, Measure + pixel * Pixels(settings) + decoder)
            : encode;
    }

    /// <summary>Bytes of the encoder's process without what the decoder keeps.</summary>
    public static long Encoder(EncodeSettings settings, int threads)
    {
        // 430 MiB instead of 570 at 1080p with SVT-AV1, 380 instead of 480 with x264.
        var depth = settings.Video.PixelFormat.Contains("10") ? 1 : 0.8;
        var bytes = settings.Video.Codec switch
        {
            VideoCodec.Av1 => SvtAv1(settings, threads),
            VideoCodec.H264 => X264(settings.Video.Preset) * Pixels(settings),
            VideoCodec.H265 => X265(settings.Video.Preset) * Pixels(settings),
            _ => VpxPixel * Pixels(settings),
        };
        return Program + (long)(bytes * depth);
    }

    /// <summary>
    /// Further threads keep further pictures: 500 MiB at 1080p with one, 620 with 2, 790 with 4, 1430 with 8, 2100 with 16;
    /// at 720p 310, 430, 550 and 970 with 8.
    /// </summary>
    private static double SvtAv1(EncodeSettings settings, int threads)
    {
        var pixels = Pixels(settings);
        var counted = Math.Min(pixels, FullHd) + BeyondFullHd * Math.Max(0, pixels - FullHd);
        var grain = settings.Video.FilmGrain > 0 ? 1.2 : 1;
        return counted * SvtAv1Pixel(settings.Video.Preset) * grain * Math.Pow(threads, 2 / 3.0);
    }

    /// <summary>From preset 6 on 310 MiB at 720p and 570 at 1080p; 670 with preset 4, and 420 at 720p with preset 2.</summary>
    private static double SvtAv1Pixel(string preset) =>
        int.TryParse(preset, out var number)
            ? number switch
            {
                <= 3 => 380,
                <= 5 => 300,
                _ => 255,
            }
            : 255;

    /// <summary>8 bits at 1080p: 100 MiB with ultrafast, which does not look ahead, 350 with fast, 490 with slow.</summary>
    private static double X264(string preset) =>
        preset == "ultrafast" ? 25
        : IsSlow(preset) ? 260
        : 180;

    /// <summary>10 bits at 720p and 1080p: 370 and 680 MiB with medium, 410 and 750 with slow.</summary>
    private static double X265(string preset) => IsSlow(preset) ? 360 : 310;

    /// <summary>10 bits at 720p: 280 MiB, with 25 pictures of lookahead.</summary>
    private const double VpxPixel = 225;

    private static bool IsSlow(string preset) =>
        preset is "slow" or "slower" or "veryslow" or "placebo";

    private static long Pixels(EncodeSettings settings) => (long)settings.Width * settings.Height;
}
