using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>A video or audio stream of an output as ffprobe describes it; "unknown" where it does not.</summary>
/// <param name="Type">"video", "audio", "subtitle", "attachment"; "cover" for a picture.</param>
internal sealed record OutputStream(
    int Index,
    string Type,
    string Codec,
    int Width,
    int Height,
    string PixelFormat,
    Rational SampleAspect,
    ColorTags Color,
    MasteringDisplay? Mastering,
    ContentLight? Light,
    int Channels,
    string Layout,
    int SampleRate
);

/// <summary>What a picture says of its colours; null where it is silent.</summary>
internal sealed record PictureTags(
    ColorTags Color,
    MasteringDisplay? Mastering,
    ContentLight? Light
);

/// <summary>All that is measured of an output.</summary>
/// <param name="DurationSeconds">As the container claims.</param>
/// <param name="Packets">By stream index.</param>
/// <param name="Tags">Of the whole file.</param>
/// <param name="Tracks">As the container describes them.</param>
/// <param name="Bitstream">What the joined video says without any container.</param>
internal sealed record OutputFacts(
    long SizeBytes,
    double DurationSeconds,
    IReadOnlyList<OutputStream> Streams,
    IReadOnlyList<Chapter> Chapters,
    ILookup<string, string> Tags,
    IReadOnlyDictionary<int, StreamPackets> Packets,
    Container Container,
    MkvIdentification Tracks,
    PictureTags Bitstream
)
{
    public IReadOnlyList<OutputStream> OfType(string type) =>
        [.. Streams.Where(stream => stream.Type == type)];
}
