using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Node.Configuration;

/// <summary>Settings that are allowed each for itself but not together.</summary>
public static class Contradictions
{
    /// <summary>Grain synthesis analyses the source; SVT-AV1's presets above 8 leave that out.</summary>
    private const int FastestPresetWithGrain = 8;

    /// <summary>Above this CRF a VMAF above <see cref="HighTarget"/> can't be meant.</summary>
    private const double HighCrf = 20;
    private const double HighTarget = 95;

    /// <summary>The largest CRF of x264 and x265; AV1 and VP9 go to 63.</summary>
    private const double LargestH26xCrf = 51;

    public static IEnumerable<Problem> In(FarmSettings farm)
    {
        if (farm.Guard.Low > farm.Guard.High)
        {
            yield return new Problem(
                $"guard.low is {farm.Guard.Low}, but must not be above guard.high, {farm.Guard.High}."
            );
        }
        var (beat, unreachable, down) = (
            farm.Cluster.BeatSeconds,
            farm.Cluster.UnreachableSeconds,
            farm.Cluster.DownSeconds
        );
        if (unreachable < 3 * beat)
        {
            yield return new Problem(
                $"cluster.unreachable_seconds is {unreachable}, but must be at least three times cluster.beat_seconds, {beat}."
            );
        }
        if (down <= unreachable)
        {
            yield return new Problem(
                $"cluster.down_seconds is {down}, but must be above cluster.unreachable_seconds, {unreachable}."
            );
        }
        if (farm.Cluster.Tls is { Certificate: null, Key: not null })
        {
            yield return new Problem(
                "tls.key is given without tls.certificate; the endpoint would speak plain HTTP."
            );
        }
        if (farm.Cluster.Advertise is { } advertise && !IsEndpoint(advertise))
        {
            yield return new Problem(
                $"node.advertise is {advertise}, but must be host:port, such as 10.0.0.1:9110."
            );
        }
        if (farm.Retries.BackoffMinSeconds > farm.Retries.BackoffMaxSeconds)
        {
            yield return new Problem(
                $"retries.backoff_min_seconds is {farm.Retries.BackoffMinSeconds}, but must not be above retries.backoff_max_seconds, {farm.Retries.BackoffMaxSeconds}."
            );
        }
    }

    private static bool IsEndpoint(string text) =>
        Uri.TryCreate($"farm://{text}", UriKind.Absolute, out var uri)
        && uri is { Host.Length: > 0, Port: > 0, PathAndQuery: "" or "/", UserInfo: "" }
        && text.EndsWith($":{uri.Port}", StringComparison.Ordinal);

    public static IEnumerable<Problem> In(Profile profile)
    {
        var names = new HashSet<string>();
        foreach (var rendition in profile.Renditions)
        {
            var name =
                rendition.Name == profile.Name ? profile.Name : $"{profile.Name}, {rendition.Name}";
            if (!names.Add(rendition.Name))
            {
                yield return new Problem($"Profile {name}: the rendition stands there twice.");
            }
            foreach (
                var sentence in InVideo(rendition.Video)
                    .Concat(InContainer(profile.Container, rendition))
            )
            {
                yield return new Problem($"Profile {name}: {sentence}");
            }
        }
    }

    private static IEnumerable<string> InVideo(VideoSettings video)
    {
        var quality = video.Quality;
        if (!video.Codec.TakesPreset(video.Preset))
        {
            yield return $"encoding.preset is {video.Preset}, which {video.Codec} does not know; it takes {PresetsOf(video.Codec)}.";
        }
        else if (
            video is { Codec: VideoCodec.Av1, FilmGrain: > 0 }
            && int.Parse(video.Preset) > FastestPresetWithGrain
        )
        {
            yield return $"encoding.film_grain is {video.FilmGrain} together with encoding.preset {video.Preset}; film grain needs preset {FastestPresetWithGrain} or below.";
        }
        if (video.Crf > HighCrf && quality.Target > HighTarget)
        {
            yield return $"encoding.crf is {video.Crf} together with encoding.vmaf_target {quality.Target}; a fixed CRF above {HighCrf} contradicts a target above {HighTarget}.";
        }
        if (quality.CrfMin > quality.CrfMax)
        {
            yield return $"encoding.crf_min is {quality.CrfMin}, but must not be above encoding.crf_max, {quality.CrfMax}.";
        }
        if (video.Codec == VideoCodec.Av1 && video.Crf is { } crf && crf != Math.Floor(crf))
        {
            yield return $"encoding.crf is {crf}, but AV1 takes whole numbers.";
        }
        if (video.Codec is VideoCodec.H264 or VideoCodec.H265 && video.Crf > LargestH26xCrf)
        {
            yield return $"encoding.crf is {video.Crf}, but {video.Codec} ends at {LargestH26xCrf}.";
        }
        if (video is { Rate: RateControl.Bitrate, Bitrate: null })
        {
            yield return "encoding.rate is bitrate, but encoding.bitrate is missing.";
        }
    }

    private static IEnumerable<string> InContainer(Container container, Rendition rendition)
    {
        if (container != Container.WebM)
        {
            yield break;
        }
        if (rendition.Video.Codec is not (VideoCodec.Av1 or VideoCodec.Vp9))
        {
            yield return $"container is webm, which can't hold {rendition.Video.Codec}; use mkv or mp4.";
        }
        if (rendition.Audio.Codec != AudioCodec.Opus)
        {
            yield return $"container is webm, which holds Opus audio, not {rendition.Audio.Codec}; use mkv or mp4.";
        }
    }

    private static string PresetsOf(VideoCodec codec) =>
        codec switch
        {
            VideoCodec.Av1 => "0..13",
            VideoCodec.Vp9 => "0..8",
            _ => "ultrafast..placebo",
        };
}
