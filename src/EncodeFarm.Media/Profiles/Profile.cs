using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Profiles;

public enum VideoCodec
{
    H264,
    H265,
    Vp9,
    Av1,
}

public enum AudioCodec
{
    Opus,
    Aac,
    Copy,
}

public enum Container
{
    Mkv,
    Mp4,
    WebM,
}

/// <summary>How the rate of a rendition is decided.</summary>
public enum RateControl
{
    /// <summary>Each segment gets the CRF that reaches the target VMAF.</summary>
    TargetVmaf,

    /// <summary>One CRF for all, chosen by the picture's height unless <see cref="VideoSettings.Crf"/> is set.</summary>
    Crf,

    /// <summary>Average bit rate with maxrate and bufsize.</summary>
    Bitrate,
}

/// <summary>Crop: decided by the source (auto), never (off), or the rectangle given.</summary>
public sealed record CropSetting(bool Auto, CropRectangle? Rectangle)
{
    public static readonly CropSetting Automatic = new(true, null);
    public static readonly CropSetting Off = new(false, null);
}

/// <summary>The video part of a rendition. Ranges are checked by the configuration.</summary>
public sealed record VideoSettings
{
    public VideoCodec Codec { get; init; } = VideoCodec.Av1;

    /// <summary>The encoder's own word: "6" for SVT-AV1 (0..13), "veryfast" for x264.</summary>
    public string Preset { get; init; } = "6";

    /// <summary>Encoder parameters that are passed through, such as "tune=0:film-grain=0:film-grain-denoise=0".</summary>
    public string Parameters { get; init; } = "";

    /// <summary>Film grain synthesis strength, 0 (off)..50.</summary>
    public int FilmGrain { get; init; }

    public string PixelFormat { get; init; } = "yuv420p10le";

    /// <summary>Longest distance between keyframes, seconds.</summary>
    public double KeyframeSeconds { get; init; } = 10;

    public RateControl Rate { get; init; } = RateControl.TargetVmaf;

    /// <summary>A fixed CRF; null takes the one for the height.</summary>
    public double? Crf { get; init; }
    public int CrfSd { get; init; } = 25;
    public int CrfHd { get; init; } = 25;
    public int CrfUhd { get; init; } = 29;

    /// <summary>Average bit rate, bit/s, where <see cref="Rate"/> is Bitrate (also the cap of a ladder rung).</summary>
    public long? Bitrate { get; init; }

    /// <summary>Largest picture; null keeps the source's. Never upscaled.</summary>
    public int? MaxWidth { get; init; }
    public int? MaxHeight { get; init; }

    public QualitySettings Quality { get; init; } = new();
}

/// <summary>The search for a target VMAF.</summary>
public sealed record QualitySettings
{
    /// <summary>VMAF (harmonic mean) that a segment shall have, 70..99.</summary>
    public double Target { get; init; } = 93;
    public int CrfMin { get; init; } = 15;
    public int CrfMax { get; init; } = 55;

    /// <summary>Probes per segment and tier at most, 1..20.</summary>
    public int MaxProbes { get; init; } = 5;

    /// <summary>Every n-th frame is scored. 2, 4 and 8 read too high with SVT-AV1's frame hierarchy.</summary>
    public int Subsample { get; init; } = 3;

    /// <summary>After the last tier: take the best CRF found and mark the segment, instead of failing it.</summary>
    public bool BestEffort { get; init; } = true;

    /// <summary>Also compute PSNR and SSIM of the finished segment.</summary>
    public bool PsnrAndSsim { get; init; }
}

public sealed record AudioSettings
{
    public AudioCodec Codec { get; init; } = AudioCodec.Opus;

    /// <summary>bit/s for every track; null goes by the channel count.</summary>
    public int? Bitrate { get; init; }
    public int? SampleRate { get; init; }
}

/// <summary>One output file of a job.</summary>
public sealed record Rendition
{
    public string Name { get; init; } = "";
    public VideoSettings Video { get; init; } = new();
    public AudioSettings Audio { get; init; } = new();
}

/// <summary>What a job makes of its source; plain configuration that a user can copy and change.</summary>
public sealed record Profile
{
    public string Name { get; init; } = "";
    public string Description { get; init; } = "";
    public Container Container { get; init; } = Container.Mkv;

    /// <summary>Aimed length of a segment, seconds, 1..300.</summary>
    public double SegmentSeconds { get; init; } = 15;

    /// <summary>Encode each rendition in one piece instead of in segments.</summary>
    public bool Unchunked { get; init; }

    /// <summary>The renditions are rungs: those above the source's height are skipped instead of keeping its height.</summary>
    public bool Ladder { get; init; }
    public CropSetting Crop { get; init; } = CropSetting.Automatic;

    /// <summary>Labels that a worker must have to get segments, <c>key=value,key=value</c>; null for any worker.</summary>
    public string? Needs { get; init; }
    public IReadOnlyList<Rendition> Renditions { get; init; } = [];
}
