using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Reports;

/// <summary>An analysis in the words of the reports.</summary>
public static class AnalysisReports
{
    public static AnalysisReport Of(SourceAnalysis analysis)
    {
        var video = analysis.Video;
        return new AnalysisReport(
            analysis.Frames,
            video.Width,
            video.Height,
            video.FrameRate.ToString(),
            video.VariableFrameRate,
            Math.Round(analysis.DurationSeconds, 3),
            video.Hdr.ToString().ToLowerInvariant(),
            DolbyVision(video.DolbyVision),
            analysis.Crop.Rectangle?.ToString(),
            video.Interlaced
        );
    }

    public static IReadOnlyList<StreamReport> Streams(SourceAnalysis analysis)
    {
        var video = analysis.Video;
        var streams = new List<StreamReport>
        {
            new(
                video.StreamIndex,
                "video",
                video.Codec,
                video.Language,
                video.Title,
                $"{video.Width}x{video.Height}, {video.PixelFormat}, {video.FrameRate} fps"
            ),
        };
        streams.AddRange(
            analysis.Audio.Select(audio =>
                Stream(
                    "audio",
                    audio.Track,
                    $"{audio.ChannelLayout ?? $"{audio.Channels} channels"}, {audio.SampleRate} Hz"
                )
            )
        );
        streams.AddRange(
            analysis.Subtitles.Select(track =>
                Stream("subtitle", track, string.Join(", ", track.Dispositions))
            )
        );
        streams.AddRange(
            analysis.Attachments.Select(attachment => new StreamReport(
                attachment.StreamIndex,
                "attachment",
                attachment.MimeType,
                null,
                null,
                attachment.FileName ?? (attachment.Cover ? "cover" : "")
            ))
        );
        return streams;
    }

    private static StreamReport Stream(string kind, MediaTrack track, string detail) =>
        new(track.StreamIndex, kind, track.Codec, track.Language, track.Title, detail);

    private static string? DolbyVision(DolbyVision? found) =>
        found is null ? null : $"profile {found.Profile}.{found.CompatibilityId}";
}
