namespace EncodeFarm.Media.Model;

/// <summary>Which file a job is about; any change of size or time makes it another source.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedUtc">Last write time.</param>
public sealed record SourceIdentity(string Path, long Size, DateTimeOffset ModifiedUtc)
{
    /// <summary>Asked before and after the file is read, so that frames of two files never mix.</summary>
    /// <exception cref="FarmException">BadInput: the file is gone or has become another.</exception>
    public void RequireUnchanged()
    {
        var file = SourceFile.Of(Path);
        if (!file.Exists)
        {
            throw new FarmException(
                FarmError.BadInput,
                $"'{Path}' is gone.",
                "Put it back and start again."
            );
        }
        if (file.Length != Size || file.LastWriteTimeUtc != ModifiedUtc.UtcDateTime)
        {
            throw new FarmException(
                FarmError.BadInput,
                $"'{Path}' has changed since the job was submitted.",
                "Start again to encode what it is now."
            );
        }
    }
}

/// <summary>Colour description in ffmpeg's words ("bt709", "smpte2084", "tv"); null where the source does not say.</summary>
public sealed record ColorTags(
    string? Range,
    string? Primaries,
    string? Transfer,
    string? Matrix,
    string? ChromaLocation
);

/// <summary>SMPTE ST 2086: CIE 1931 chromaticities and luminances in cd/m².</summary>
public sealed record MasteringDisplay(
    double RedX,
    double RedY,
    double GreenX,
    double GreenY,
    double BlueX,
    double BlueY,
    double WhiteX,
    double WhiteY,
    double MinLuminance,
    double MaxLuminance
);

/// <summary>CTA-861.3 content light level, cd/m².</summary>
public sealed record ContentLight(int MaxContent, int MaxAverage);

public sealed record DolbyVision(
    int Profile,
    int Level,
    int CompatibilityId,
    bool EnhancementLayer
);

/// <summary>Dynamic range of the picture: none (SDR), pq (SMPTE ST 2084) or hlg (ARIB STD-B67).</summary>
public enum Hdr
{
    None,
    Pq,
    Hlg,
}

/// <summary>The one video stream that is encoded.</summary>
/// <param name="StreamIndex">Index in the working file.</param>
/// <param name="FrameRate">The true mean rate, snapped to the nearest standard rate.</param>
/// <param name="Interlaced">True where frames have to be deinterlaced.</param>
/// <param name="FieldOrder">ffprobe's field_order (progressive, tt, bb, tb, bt), or null.</param>
/// <param name="Rotation">Degrees clockwise that a player turns the picture: 0, 90, 180 or 270.</param>
/// <param name="PixelFormat">ffmpeg's name, such as yuv420p10le.</param>
/// <param name="Mirrored">A player exchanges left and right before it turns the picture.</param>
/// <param name="StereoMode">Matroska's number for how two eyes share the picture (1..14); null of flat ones.</param>
/// <param name="ClosedCaptions">Subtitles of American television (CEA-608/708) that lie in the picture's bitstream.</param>
/// <param name="PartlyInterlaced">Only some pictures are interlaced, and each says it of itself.</param>
public sealed record VideoStream(
    int StreamIndex,
    string Codec,
    int Width,
    int Height,
    string PixelFormat,
    int BitDepth,
    Rational TimeBase,
    Rational FrameRate,
    bool VariableFrameRate,
    Rational SampleAspect,
    int Rotation,
    bool Interlaced,
    string? FieldOrder,
    ColorTags Color,
    Hdr Hdr,
    MasteringDisplay? Mastering,
    ContentLight? Light,
    DolbyVision? DolbyVision,
    bool Hdr10Plus,
    string? Language,
    string? Title,
    bool Mirrored = false,
    int? StereoMode = null,
    bool ClosedCaptions = false,
    bool PartlyInterlaced = false
);

/// <summary>A track other than the main video. <paramref name="StreamIndex"/> is its index in the source file.</summary>
/// <param name="Dispositions">ffprobe's names of the flags that are set: default, forced, hearing_impaired, comment, …</param>
/// <param name="StartSeconds">Start time of the stream on the container's clock.</param>
public sealed record MediaTrack(
    int StreamIndex,
    string Codec,
    string? Language,
    string? Title,
    IReadOnlyList<string> Dispositions,
    double StartSeconds,
    double? DurationSeconds
);

/// <param name="ChannelLayout">ffmpeg's name ("5.1(side)"), or null where the source does not say.</param>
public sealed record AudioTrack(
    MediaTrack Track,
    int Channels,
    string? ChannelLayout,
    int SampleRate,
    long? BitRate
);

public sealed record Chapter(double StartSeconds, double EndSeconds, string? Title);

/// <param name="StreamIndex">Index in the source; attachments (fonts) and cover pictures alike.</param>
public sealed record Attachment(int StreamIndex, string? FileName, string? MimeType, bool Cover);

/// <summary>Pixels that remain: width and height, and the offset of their upper left corner.</summary>
public sealed record CropRectangle(int Width, int Height, int X, int Y)
{
    public override string ToString() => $"{Width}:{Height}:{X}:{Y}";
}

/// <param name="Rectangle">Null where the whole picture is kept.</param>
/// <param name="Confidence">0..1: the share of the samples that agree.</param>
/// <param name="Reason">Why it was taken or left, for people.</param>
public sealed record CropDecision(CropRectangle? Rectangle, double Confidence, string Reason);

/// <summary>All that is known of a source before work begins. It is journaled, so it holds no per-frame data.</summary>
/// <param name="WorkingPath">What decoders open: the source, or its remux where the source lacks timestamps.</param>
/// <param name="Container">ffprobe's format_name.</param>
/// <param name="StartSeconds">The container's start_time; seeks are relative to it.</param>
/// <param name="Frames">Displayed frames of the video stream, exact.</param>
/// <param name="FirstVideoSeconds">Timestamp of the first displayed frame.</param>
/// <param name="FrameTableHash">Hash of the frame table that lies beside the job.</param>
/// <param name="Warnings">Whole sentences for the report: what is dropped or converted, and why.</param>
/// <param name="Uncuttable">Why seeking in it is not exact ("its timestamps jump back"); null where it is.</param>
public sealed record SourceAnalysis(
    SourceIdentity Source,
    string WorkingPath,
    string Container,
    double StartSeconds,
    double DurationSeconds,
    int Frames,
    double FirstVideoSeconds,
    string FrameTableHash,
    VideoStream Video,
    IReadOnlyList<AudioTrack> Audio,
    IReadOnlyList<MediaTrack> Subtitles,
    IReadOnlyList<Attachment> Attachments,
    IReadOnlyList<Chapter> Chapters,
    IReadOnlyDictionary<string, string> Metadata,
    CropDecision Crop,
    IReadOnlyList<string> Warnings,
    string? Uncuttable = null
);
