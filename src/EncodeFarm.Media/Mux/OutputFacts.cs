using EncodeFarm.Media.Model;

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

/// <summary>All that is measured of an output.</summary>
/// <param name="DurationSeconds">As the container claims.</param>
/// <param name="Packets">By stream index.</param>
internal sealed record OutputFacts(
    long SizeBytes,
    double DurationSeconds,
    IReadOnlyList<OutputStream> Streams,
    IReadOnlyList<Chapter> Chapters,
    IReadOnlyDictionary<int, StreamPackets> Packets,
    MkvIdentification Matroska
)
{
    public IReadOnlyList<OutputStream> OfType(string type) =>
        [.. Streams.Where(stream => stream.Type == type)];
}
