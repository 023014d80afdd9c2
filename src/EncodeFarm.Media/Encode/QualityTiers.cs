using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>The tries that a segment gets, in order. Each begins when the one before has missed.</summary>
public static class QualityTiers
{
    /// <summary>How much lower the third tier aims, VMAF.</summary>
    private const double Concession = 2;

    /// <summary>
    /// Target from 3 samples of 1 s; target from 6 of 2 s; 2 below the target; then, where the profile allows it, best effort.
    /// </summary>
    public static IReadOnlyList<QualityTier> For(QualitySettings settings)
    {
        var tiers = new List<QualityTier>
        {
            new(1, settings.Target, 3, 1),
            new(2, settings.Target, 6, 2),
            new(3, settings.Target - Concession, 6, 2),
        };
        if (settings.BestEffort)
        {
            tiers.Add(new(QualityTier.BestEffort, settings.Target, 6, 2));
        }
        return tiers;
    }
}
