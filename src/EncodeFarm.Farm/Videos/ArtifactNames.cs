using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Videos;

/// <summary>Names in the artifact store: "{job}/encoded/{rendition}/segment_0000.{attempt}.ivf" and so on.</summary>
public static class ArtifactNames
{
    public static string Segment(string video, SegmentOffer offer, string attempt) =>
        $"{video}/encoded/{offer.Segment.Rendition}/segment_{offer.Segment.Index:0000}.{attempt}.{Extension(offer.Task.Settings.Video.Codec)}";

    public static string Piece(string video, int segment, string run) =>
        $"{video}/segments/piece_{segment:0000}.{run}.mkv";

    /// <summary>The whole file, for segments of which no piece can be cut.</summary>
    public static string Whole(string video, string run) => $"{video}/segments/whole.{run}.mkv";

    public static bool IsWhole(StoredArtifact artifact) =>
        artifact.Name.Contains("/segments/whole.");

    /// <summary>An encoded track; equal bytes have equal names, whoever encoded them.</summary>
    public static StoredArtifact Audio(string video, int variant, EncodedAudio audio) =>
        new(
            $"{video}/audio/{variant}/track_{audio.StreamIndex}.{audio.Sha256}.mka",
            audio.SizeBytes,
            audio.Sha256
        );

    static string Extension(VideoCodec codec) =>
        codec switch
        {
            VideoCodec.H264 => "h264",
            VideoCodec.H265 => "hevc",
            _ => "ivf",
        };
}
