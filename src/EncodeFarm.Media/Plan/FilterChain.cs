namespace EncodeFarm.Media.Plan;

/// <summary>Facts about the filters between decoder and encoder.</summary>
public static class FilterChain
{
    /// <summary>Bicubic, and the same bits on every processor.</summary>
    public const string ScalerFlags = "bicubic+accurate_rnd+bitexact";

    /// <summary>True where a filter looks at neighbouring frames, so that it needs the one before the first.</summary>
    public static bool IsTemporal(string filters) => filters.Contains("bwdif");
}
