using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>Holds the delivered audio against the encoded tracks: all of them, whole, labelled, and in sync.</summary>
internal static class SoundChecks
{
    /// <summary>Two roundings to whole milliseconds, and mkvmerge's own where it puts several packets in a block.</summary>
    private const double SyncTolerance = 0.003;

    /// <summary>MP4 does not say how much of the last packet is heard; one packet of AAC or Opus at most, seconds.</summary>
    private const double Mp4EndTolerance = 0.03;

    /// <param name="encoded">The packets of each encoded track, in the order of the request.</param>
    public static IEnumerable<ValidationCheck> Of(
        ValidationRequest request,
        CarryPlan plan,
        IReadOnlyList<StreamPackets> encoded,
        OutputFacts found
    )
    {
        var streams = found.OfType("audio");
        var tracks = found.Tracks.OfType("audio");
        yield return Check.Equal("audio tracks", request.Audio.Count, streams.Count);
        var count = Math.Min(request.Audio.Count, streams.Count);
        for (var index = 0; index < count; index++)
        {
            var name = $"audio track {index}";
            var audio = request.Audio[index];
            var packets =
                found.Packets.GetValueOrDefault(streams[index].Index) ?? new StreamPackets();
            foreach (
                var check in (IEnumerable<ValidationCheck>)
                    [
                        .. Format(name, request.Analysis, audio, streams[index]),
                        .. LabelChecks.Of(name, plan.Audio[audio.StreamIndex], tracks[index]),
                        .. Content(name, request.Container, audio, encoded[index], packets),
                    ]
            )
            {
                yield return check;
            }
        }
    }

    private static IEnumerable<ValidationCheck> Format(
        string name,
        SourceAnalysis analysis,
        EncodedAudio audio,
        OutputStream stream
    )
    {
        var codec = audio.Codec switch
        {
            AudioCodec.Opus => "opus",
            AudioCodec.Aac => "aac",
            _ => analysis
                .Audio.First(track => track.Track.StreamIndex == audio.StreamIndex)
                .Track.Codec,
        };
        yield return Check.Equal($"{name} codec", codec, stream.Codec);
        yield return Check.Equal($"{name} channels", audio.Channels, stream.Channels);
        yield return Check.Equal($"{name} layout", audio.Layout, stream.Layout);
    }

    private static IEnumerable<ValidationCheck> Content(
        string name,
        Container container,
        EncodedAudio audio,
        StreamPackets encoded,
        StreamPackets delivered
    )
    {
        yield return Check.Equal($"{name} packets", encoded.Count, delivered.Count);
        yield return Check.Near(
            $"{name} start",
            encoded.StartSeconds,
            delivered.StartSeconds,
            SyncTolerance
        );
        yield return Check.Near(
            $"{name} end",
            encoded.EndSeconds,
            delivered.EndSeconds,
            container == Container.Mp4 ? Mp4EndTolerance : SyncTolerance
        );
        // mkvmerge may cut copied streams into other packets; what was encoded here stays as it is.
        if (audio.Codec != AudioCodec.Copy)
        {
            var same = encoded.Hashes.SequenceEqual(delivered.Hashes);
            yield return new ValidationCheck(
                $"{name} payload",
                "as encoded",
                same ? "as encoded" : "other packets than were encoded",
                same
            );
        }
    }
}
