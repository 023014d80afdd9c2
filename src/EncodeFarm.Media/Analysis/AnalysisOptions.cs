using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Analysis;

/// <summary>What a caller may choose about the analysis of a source.</summary>
public sealed record AnalysisOptions
{
    public CropSetting Crop { get; init; } = CropSetting.Automatic;

    /// <summary>Accept a file that was cut off, and encode what is usable.</summary>
    public bool AllowTruncated { get; init; }

    /// <summary>Decode the whole source first and take only the pictures that come out: for sources with holes in the middle.</summary>
    public bool AllowDamaged { get; init; }
}

/// <summary>A source, ready to be planned: what it is, and each of its frames.</summary>
public sealed record AnalyzedSource(SourceAnalysis Analysis, FrameTable Frames);
