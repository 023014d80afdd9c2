using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Node.Jobs;

/// <summary>Where the outputs go.</summary>
/// <param name="Directory">A directory for all outputs; null puts each beside its source.</param>
/// <param name="File">The one output; null names it after its source.</param>
public sealed record OutputPlace(string? Directory, string? File)
{
    /// <summary>Reads <c>-o</c>: an existing directory, or anything with a slash at its end, is a directory.</summary>
    /// <exception cref="FarmException">Several sources, and <c>-o</c> is no directory.</exception>
    public static OutputPlace Parse(string? output, int sources, string currentDirectory)
    {
        if (string.IsNullOrEmpty(output))
        {
            return new OutputPlace(null, null);
        }
        var path = Path.GetFullPath(output, currentDirectory);
        if (System.IO.Directory.Exists(path) || Path.EndsInDirectorySeparator(output))
        {
            return new OutputPlace(Path.TrimEndingDirectorySeparator(path), null);
        }
        return sources == 1
            ? new OutputPlace(null, path)
            : throw new FarmException(
                FarmError.BadConfiguration,
                $"-o '{output}' is no directory, but there are {sources} sources.",
                "Make the directory first, or end its name with a slash."
            );
    }
}

/// <summary>Names the output of each rendition: <c>name.profile.mkv</c>, or with several <c>name.profile.rendition.mkv</c>.</summary>
public static class Destinations
{
    private static readonly string[] VideoExtensions = [".mkv", ".mp4", ".m4v", ".mov", ".webm"];

    /// <exception cref="FarmException">The name given contradicts the profile's container, or the output would be the source.</exception>
    public static IReadOnlyList<string> For(string source, Profile profile, OutputPlace place)
    {
        var extension = Extension(profile.Container);
        var destinations = profile
            .Renditions.Select(rendition =>
            {
                var suffix = profile.Renditions.Count > 1 ? $".{rendition.Name}" : "";
                return place.File is null
                    ? Path.Combine(
                        place.Directory ?? Path.GetDirectoryName(source)!,
                        $"{Path.GetFileNameWithoutExtension(source)}.{profile.Name}{suffix}{extension}"
                    )
                    : Named(place.File, suffix, extension, profile);
            })
            .ToList();
        return destinations.Contains(source)
            ? throw new FarmException(
                FarmError.BadOutput,
                $"'{source}' would be replaced by its own output.",
                "Choose another one with -o."
            )
            : destinations;
    }

    /// <exception cref="FarmException">Two sources would go to one file.</exception>
    public static void RefuseTwins(IEnumerable<(string Source, string Destination)> all)
    {
        var twins = all.GroupBy(pair => pair.Destination)
            .FirstOrDefault(group => group.Count() > 1);
        if (twins is not null)
        {
            var sources = twins.Select(pair => pair.Source).Take(2).ToList();
            throw new FarmException(
                FarmError.BadConfiguration,
                sources[0] == sources[1]
                    ? $"'{sources[0]}' is given twice."
                    : $"'{sources[0]}' and '{sources[1]}' would both become '{twins.Key}'.",
                sources[0] == sources[1] ? null : "Encode them into different directories with -o."
            );
        }
    }

    private static string Named(string file, string suffix, string extension, Profile profile)
    {
        var given = Path.GetExtension(file);
        if (
            VideoExtensions.Contains(given, StringComparer.OrdinalIgnoreCase)
            && !given.Equals(extension, StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"-o '{file}': the profile {profile.Name} makes {extension[1..]} files.",
                $"Name it {extension}, or choose the container with -s container={given[1..].ToLowerInvariant()}"
            );
        }
        return suffix.Length == 0 ? file : Path.ChangeExtension(file, null) + suffix + given;
    }

    private static string Extension(Container container) =>
        container switch
        {
            Container.Mp4 => ".mp4",
            Container.WebM => ".webm",
            _ => ".mkv",
        };
}
