using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// Holds colours and HDR metadata against the plan, in each of the places that may say them: decoders read the
/// bitstream, many players the container, and of the whole file ffprobe shows the one or the other.
/// </summary>
internal static class ColorChecks
{
    /// <summary>Chromaticities are stored in steps of 0.00002, luminances in 0.0001 cd/m² or as floats.</summary>
    private const double MasteringTolerance = 0.0005;

    public static IEnumerable<ValidationCheck> Of(
        EncodeSettings settings,
        OutputFacts found,
        OutputStream video
    ) =>
        [
            .. Words("", settings.Color, video.Color, mayBeSilent: false),
            .. Metadata("", settings, video.Mastering, video.Light),
            .. Container(settings, found),
            .. Bitstream(settings, found.Bitstream),
        ];

    private static IEnumerable<ValidationCheck> Container(
        EncodeSettings settings,
        OutputFacts found
    )
    {
        if (found.Tracks.OfType("video") is not [{ Color: { } said }, ..])
        {
            yield break;
        }
        var planned = settings.Color;
        foreach (
            var (name, expected, actual) in new[]
            {
                ("range", Range(planned, found.Container), said.Range),
                ("primaries", ColorCodes.Primaries(planned.Primaries), said.Primaries),
                ("transfer", ColorCodes.Transfer(planned.Transfer), said.Transfer),
                ("matrix", ColorCodes.Matrix(planned.Matrix), said.Matrix),
            }
        )
        {
            if (expected is { } number)
            {
                yield return Check.Equal(
                    $"container's colour {name}, as a number",
                    $"{number}",
                    actual is null ? "none" : $"{actual}"
                );
            }
        }
        foreach (var check in Metadata("container's ", settings, said.Mastering, said.Light))
        {
            yield return check;
        }
    }

    /// <summary>MP4 has no place for the range alone.</summary>
    private static int? Range(ColorTags planned, Profiles.Container container) =>
        container == Profiles.Container.Mp4
        && planned is { Primaries: null, Transfer: null, Matrix: null }
            ? null
            : ColorCodes.Range(planned.Range);

    /// <summary>VP9 knows matrix and range only; of H.264's and VP9's encoders none writes HDR metadata.</summary>
    private static IEnumerable<ValidationCheck> Bitstream(
        EncodeSettings settings,
        PictureTags said
    ) =>
        [
            .. Words(
                "bitstream's ",
                settings.Color,
                said.Color,
                mayBeSilent: settings.Video.Codec == VideoCodec.Vp9
            ),
            .. settings.Video.Codec is VideoCodec.Av1 or VideoCodec.H265
                ? Metadata("bitstream's ", settings, said.Mastering, said.Light)
                : [],
        ];

    private static IEnumerable<ValidationCheck> Words(
        string place,
        ColorTags planned,
        ColorTags found,
        bool mayBeSilent
    )
    {
        foreach (
            var (name, expected, actual) in new[]
            {
                // Where nothing else is said of H.264 and H.265, neither is the range: then it is limited.
                ("colour range", planned.Range, found.Range ?? "tv"),
                ("colour primaries", planned.Primaries, found.Primaries),
                ("colour transfer", planned.Transfer, found.Transfer),
                ("colour matrix", planned.Matrix, found.Matrix),
            }
        )
        {
            if (expected is not null && !(mayBeSilent && actual is null))
            {
                yield return Check.Equal(place + name, expected, actual ?? "unknown");
            }
        }
    }

    private static IEnumerable<ValidationCheck> Metadata(
        string place,
        EncodeSettings planned,
        MasteringDisplay? mastering,
        ContentLight? light
    )
    {
        // Values of zero mean "not known"; players, and ffprobe, take such a record for none.
        if (planned.Mastering is { RedX: > 0, WhiteX: > 0, MaxLuminance: > 0 } display)
        {
            yield return new ValidationCheck(
                $"{place}mastering display",
                Describe(display),
                mastering is null ? "none" : Describe(mastering),
                mastering is not null
                    && Values(display)
                        .Zip(Values(mastering))
                        .All(pair => IsNear(pair.First, pair.Second))
            );
        }
        if (planned.Light is { MaxContent: > 0, MaxAverage: > 0 } level)
        {
            yield return new ValidationCheck(
                $"{place}content light level",
                $"{level.MaxContent}/{level.MaxAverage}",
                light is null ? "none" : $"{light.MaxContent}/{light.MaxAverage}",
                level == light
            );
        }
    }

    private static bool IsNear(double expected, double found) =>
        Math.Abs(expected - found) <= MasteringTolerance * Math.Max(1, expected);

    private static double[] Values(MasteringDisplay display) =>
        [
            display.RedX,
            display.RedY,
            display.GreenX,
            display.GreenY,
            display.BlueX,
            display.BlueY,
            display.WhiteX,
            display.WhiteY,
            display.MinLuminance,
            display.MaxLuminance,
        ];

    private static string Describe(MasteringDisplay display) =>
        string.Join(' ', Values(display).Select(value => value.ToString("0.####")));
}
