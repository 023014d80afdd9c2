using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Node.Jobs;

/// <summary>Names a job by all that makes it what it is, so that the same command finds its work again.</summary>
public static class JobKey
{
    /// <summary>16 hex digits: 64 bits, enough to never meet a second job of the same name.</summary>
    private const int Length = 16;

    public static string Of(
        SourceIdentity source,
        Profile profile,
        IReadOnlyList<string> destinations
    )
    {
        string[] parts =
        [
            "job 1",
            source.Path,
            source.Size.ToString(),
            source.ModifiedUtc.UtcTicks.ToString(),
            .. Canonical(profile),
            .. destinations,
        ];
        // No part can hold a NUL, so different parts never join to the same text.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts)));
        return Convert.ToHexStringLower(hash)[..Length];
    }

    /// <summary>The records' own texts name every member with its value, also members that come later.</summary>
    private static IEnumerable<string> Canonical(Profile profile) =>
        [
            profile.Name,
            profile.Container.ToString(),
            profile.SegmentSeconds.ToString(),
            profile.Crop.ToString(),
            .. profile.Renditions.Select(rendition => rendition.ToString()),
            // Only where they are set: what was begun before they counted is still found.
            .. profile.Ladder ? ["ladder"] : (string[])[],
            .. profile.Unchunked ? ["unchunked"] : (string[])[],
        ];
}
