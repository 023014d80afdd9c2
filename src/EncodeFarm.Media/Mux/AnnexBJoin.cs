using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>Joins H.264 or H.265 byte streams.</summary>
internal sealed class AnnexBJoin(Stream output, VideoCodec codec, PayloadLog payloads)
    : ISegmentJoin
{
    private readonly DecoderSettings _settings = new("parameter set");

    public int Append(int index, Stream segment, string name)
    {
        var pictures = new AccessUnits(segment, codec);
        var frames = 0;
        while (pictures.MoveNext())
        {
            if (frames++ == 0)
            {
                _settings.Compare(index, pictures.IsKeyframe ? pictures.ParameterSets : []);
            }
            output.Write(pictures.Bytes);
            payloads.Add(pictures.Stored);
        }
        return frames;
    }
}
