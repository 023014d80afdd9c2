using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>Holds the delivered video against the plan: every frame, its time, and what a player is told of the picture.</summary>
internal static class VideoChecks
{
    /// <summary>Matroska's timestamps are whole milliseconds.</summary>
    private const double TimestampTolerance = 0.001;

    public static IEnumerable<ValidationCheck> Of(ValidationRequest request, OutputFacts found)
    {
        var videos = found.OfType("video");
        yield return Check.Equal("video streams", 1, videos.Count);
        if (videos is not [var video, ..])
        {
            yield break;
        }
        var packets = found.Packets.GetValueOrDefault(video.Index) ?? new StreamPackets();
        yield return Check.Equal(
            "video codec",
            CodecName(request.Settings.Video.Codec),
            video.Codec
        );
        yield return Check.Equal("video frames", request.Analysis.Frames, packets.Count);
        yield return Payloads(request.Video, packets);
        foreach (var check in Times(request, packets))
        {
            yield return check;
        }
        foreach (var check in Picture(request, video))
        {
            yield return check;
        }
        foreach (var check in ColorChecks.Of(request.Settings, found, video))
        {
            yield return check;
        }
    }

    private static string CodecName(VideoCodec codec) =>
        codec switch
        {
            VideoCodec.H264 => "h264",
            VideoCodec.H265 => "hevc",
            VideoCodec.Vp9 => "vp9",
            _ => "av1",
        };

    private static ValidationCheck Payloads(JoinedVideo video, StreamPackets packets)
    {
        var difference = PacketOrder.Difference(
            video.PacketHashes,
            packets.Hashes,
            video.SegmentFrames
        );
        return new ValidationCheck(
            "video packets",
            $"the {video.Frames} packets of {video.SegmentFrames.Count} accepted segments in order",
            difference
                ?? $"the {video.Frames} packets of {video.SegmentFrames.Count} accepted segments in order",
            difference is null
        );
    }

    private static IEnumerable<ValidationCheck> Times(
        ValidationRequest request,
        StreamPackets packets
    )
    {
        var seconds = Enumerable.Range(0, packets.Count).Select(packets.Seconds).ToArray();
        if (request.Settings.Video.Codec is VideoCodec.H264 or VideoCodec.H265)
        {
            // Stored in the order of decoding; in AV1 and VP9 that is the order of display.
            Array.Sort(seconds);
        }
        var unordered = Enumerable
            .Range(1, Math.Max(0, seconds.Length - 1))
            .FirstOrDefault(frame => seconds[frame] <= seconds[frame - 1]);
        yield return new ValidationCheck(
            "video timestamps",
            "increasing",
            unordered == 0
                ? "increasing"
                : $"frame {unordered} at {seconds[unordered]:0.000} s after frame {unordered - 1} at {seconds[unordered - 1]:0.000} s",
            unordered == 0
        );
        var planned = OutputClock.FrameMilliseconds(request.Analysis, request.Frames);
        var (error, worst) = seconds
            .Zip(planned, (found, plan) => Math.Abs(found - plan / 1000))
            .Select((difference, frame) => (difference, frame))
            .DefaultIfEmpty((double.PositiveInfinity, 0))
            .Max();
        yield return new ValidationCheck(
            "distance of video timestamps from the source's",
            $"at most {TimestampTolerance * 1000:0.0} ms",
            $"{error * 1000:0.00} ms at frame {worst}",
            error <= TimestampTolerance + 1e-9
        );
        var frame = 1 / request.Settings.FrameRate.Value;
        var duration =
            (request.Frames.EndPts - request.Frames.Pts[0]) * request.Frames.TimeBase.Value;
        yield return Check.Near(
            "video duration",
            duration,
            packets.DurationSeconds,
            frame + TimestampTolerance
        );
    }

    private static IEnumerable<ValidationCheck> Picture(
        ValidationRequest request,
        OutputStream video
    )
    {
        var settings = request.Settings;
        yield return Check.Equal(
            "video resolution",
            $"{settings.Width}x{settings.Height}",
            $"{video.Width}x{video.Height}"
        );
        yield return Check.Equal("pixel format", settings.Video.PixelFormat, video.PixelFormat);
        yield return Check.Near(
            "display aspect",
            DisplaySize.Aspect(settings, request.Analysis.Video),
            video.Width * video.SampleAspect.Value / video.Height,
            0.01
        );
    }
}
