namespace EncodeFarm.Media.Measure;

/// <summary>Which of libvmaf's built-in models judges a picture.</summary>
public static class VmafModel
{
    public const string Default = "vmaf_v0.6.1";
    public const string FourK = "vmaf_4k_v0.6.1";

    /// <summary>The 4K model above 2560x1440, the default one otherwise. Decided once for a rendition: scores of the two don't compare.</summary>
    public static string For(int width, int height) =>
        width > 2560 || height > 1440 ? FourK : Default;
}
