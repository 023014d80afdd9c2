using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Jobs;

/// <summary>Where the outputs go.</summary>
/// <param name="Directory">A directory for all outputs; null puts each beside its source.</param>
/// <param name="File">The one output, a path or <c>s3://bucket/name</c>; null names it after its source.</param>
public sealed record OutputPlace(string? Directory, string? File)
{
    /// <summary>Reads <c>-o</c>: an existing directory, or anything with a slash at its end, is a directory.</summary>
    /// <exception cref="FarmException">Several sources, and <c>-o</c> is no directory.</exception>
    public static OutputPlace Parse(string? output, int sources, string currentDirectory)
    {
        if (output is null)
        {
            return new OutputPlace(null, null);
        }
        if (output is "" or "-" || FileNames.HasLostBytes(output))
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                output switch
                {
                    "" => "-o is empty.",
                    "-" => "-o is -, but the output is a file and not a stream.",
                    _ => $"-o '{output}' is not valid UTF-8, and such names can't be used.",
                },
                "Name a file or a directory."
            );
        }
        if (S3Address.Is(output))
        {
            return InBucket(output, sources);
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

    private static OutputPlace InBucket(string output, int sources)
    {
        try
        {
            // Several sources must not become one object.
            return new OutputPlace(
                null,
                S3Address.Parse(sources == 1 ? output : $"{output}/").ToString()
            );
        }
        catch (FormatException error)
        {
            throw new FarmException(FarmError.BadConfiguration, $"-o: {error.Message}");
        }
    }
}

/// <summary>Names the output of each rendition: <c>name.profile.mkv</c>, or with several <c>name.profile.rendition.mkv</c>.</summary>
public static class Destinations
{
    /// <summary>A player believes these, so none may name a file of another container.</summary>
    private static readonly HashSet<string> MediaExtensions = new(
        ".mkv .mka .mks .mk3d .mp4 .m4v .m4a .mov .qt .webm .avi .divx .ts .m2ts .mts .mpg .mpeg .vob .wmv .asf .flv .f4v .ogv .ogg .ogm .3gp .3g2 .mxf .rm .rmvb .nut .gif .ivf .obu .av1 .h264 .264 .h265 .265 .hevc .y4m .mp3 .aac .opus .flac .wav".Split(
            ' '
        ),
        StringComparer.OrdinalIgnoreCase
    );

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
            given.Equals(extension, StringComparison.OrdinalIgnoreCase)
            || !MediaExtensions.Contains(given)
        )
        {
            return suffix.Length == 0 ? file : Path.ChangeExtension(file, null) + suffix + given;
        }
        var others = Enum.GetValues<Container>()
            .Where(container => container != profile.Container)
            .Where(container => !Contradictions.In(profile with { Container = container }).Any())
            .Select(Extension)
            .ToList();
        var meant = others.Where(other => given.Equals(other, StringComparison.OrdinalIgnoreCase));
        throw new FarmException(
            FarmError.BadConfiguration,
            $"-o '{file}' is named {given}, but the profile {profile.Name} makes {extension}.",
            $"Name it {extension}, or choose another container that holds its streams: "
                + string.Join(
                    " or ",
                    meant
                        .DefaultIfEmpty()
                        .SelectMany(one => one is null ? others : [one])
                        .Select(Choice)
                )
        );

        static string Choice(string extension) => $"{extension} with -s container={extension[1..]}";
    }

    private static string Extension(Container container) =>
        container switch
        {
            Container.Mp4 => ".mp4",
            Container.WebM => ".webm",
            _ => ".mkv",
        };
}
