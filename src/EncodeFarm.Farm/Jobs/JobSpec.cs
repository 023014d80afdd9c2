using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Jobs;

/// <summary>One source and one profile, as it was submitted. It never changes.</summary>
/// <param name="Id">The job key: also the name of its directory and of its persistent actor.</param>
/// <param name="Destinations">One absolute path for each rendition of the profile, in order.</param>
/// <param name="Overwrite">Replace an existing file at a destination, once the new one is validated.</param>
public sealed record JobSpec(
    string Id,
    SourceIdentity Source,
    Profile Profile,
    IReadOnlyList<string> Destinations,
    bool Overwrite,
    int Priority,
    JobOptions Options
)
{
    /// <summary>The different audio settings among the renditions: each track is encoded once for each of them.</summary>
    public IReadOnlyList<AudioSettings> AudioVariants() =>
        [.. Profile.Renditions.Select(rendition => rendition.Audio).Distinct()];

    public int AudioVariantOf(int rendition)
    {
        var variants = AudioVariants();
        for (var variant = 0; variant < variants.Count; variant++)
        {
            if (variants[variant] == Profile.Renditions[rendition].Audio)
            {
                return variant;
            }
        }
        return 0;
    }
}

/// <param name="AllowTruncated">Take a damaged source as far as it is usable.</param>
/// <param name="Pieces">Hand workers copied pieces of the source instead of the source itself.</param>
/// <param name="AllowDamaged">Leave out pictures in the middle that can't be decoded.</param>
/// <param name="KeepWork">Leave the encoded segments in the work directory after delivery.</param>
public sealed record JobOptions(
    bool AllowTruncated = false,
    bool Pieces = false,
    bool KeepWork = false,
    bool AllowDamaged = false
);

/// <summary>How failures are answered. None of it changes an encoding parameter.</summary>
/// <param name="Retries">Further attempts after the first failure of a segment or task.</param>
/// <param name="MinBackoff">Wait before the first retry; doubled for each further one.</param>
/// <param name="RandomFactor">Jitter: the wait is lengthened by up to this share.</param>
/// <param name="DiskWait">How long work waits for room on a full disk before the job fails.</param>
public sealed record RetryPolicy(
    int Retries,
    TimeSpan MinBackoff,
    TimeSpan MaxBackoff,
    double RandomFactor,
    TimeSpan DiskWait
)
{
    public static readonly RetryPolicy Default = new(
        3,
        TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(60),
        0.2,
        TimeSpan.FromMinutes(10)
    );
}
