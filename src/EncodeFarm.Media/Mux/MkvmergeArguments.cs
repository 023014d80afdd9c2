using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <param name="Path">A picture that was taken out of the source.</param>
internal sealed record ExtractedCover(string Path, string Name, string MimeType);

/// <summary>Everything that mkvmerge puts together; all paths absolute.</summary>
/// <param name="Seed">Equal seeds and inputs give equal bytes.</param>
/// <param name="ExtractedSubtitles">A Matroska file with the plan's subtitles in their order; null unless they were extracted.</param>
/// <param name="Passengers">The Matroska source whose subtitles, chapters, tags and attachments are taken as they are; null for other sources.</param>
/// <param name="WebM">Writes the part of Matroska that WebM is.</param>
/// <param name="PassengersHaveChapters">mkvmerge warns of chapters that are moved and not there.</param>
/// <param name="ZeroSeconds">What <see cref="OutputClock"/> says; extracted files have it subtracted already.</param>
internal sealed record MkvmergeInputs(
    string Destination,
    string Seed,
    string Video,
    string Timestamps,
    IReadOnlyList<EncodedAudio> Audio,
    string? ExtractedSubtitles,
    string? Passengers,
    string? ChaptersFile,
    string? TagsFile,
    string? Title,
    IReadOnlyList<ExtractedCover> Covers,
    double ZeroSeconds,
    bool WebM = false,
    bool PassengersHaveChapters = false
);

/// <summary>mkvmerge's command line. Options of a file stand before its name; each input here has one track, number 0.</summary>
internal static class MkvmergeArguments
{
    public static IReadOnlyList<string> Build(
        MkvmergeInputs inputs,
        CarryPlan plan,
        EncodeSettings settings,
        VideoStream source
    ) =>
        [
            "--gui-mode",
            "--deterministic",
            inputs.Seed,
            .. inputs.WebM ? ["--webm"] : Array.Empty<string>(),
            "--output",
            inputs.Destination,
            .. WholeFile(inputs),
            .. Labels(0, plan.Video),
            "--timestamps",
            $"0:{inputs.Timestamps}",
            .. Picture(settings, source),
            File(inputs.Video),
            .. inputs.Audio.SelectMany(audio => Audio(audio, plan)),
            .. Subtitles(inputs, plan),
            .. Passengers(inputs),
        ];

    /// <summary>
    /// A leading "=" makes mkvmerge take the name as it stands and look for no further parts (VTS_01_2.VOB …).
    /// </summary>
    private static string File(string path) => "=" + path;

    private static IEnumerable<string> WholeFile(MkvmergeInputs inputs) =>
        [
            .. inputs.Title is { } title ? ["--title", title] : Array.Empty<string>(),
            .. inputs.ChaptersFile is { } chapters
                ? ["--chapters", chapters]
                : Array.Empty<string>(),
            .. inputs.TagsFile is { } tags ? ["--global-tags", tags] : Array.Empty<string>(),
            .. inputs.Covers.SelectMany(cover =>
                new[]
                {
                    "--attachment-name",
                    cover.Name,
                    "--attachment-mime-type",
                    cover.MimeType,
                    "--attach-file",
                    cover.Path,
                }
            ),
        ];

    private static IEnumerable<string> Labels(int track, TrackLabels labels) =>
        [
            "--language",
            $"{track}:{labels.Language}",
            .. labels.Title is { Length: > 0 } title
                ? ["--track-name", $"{track}:{title}"]
                : Array.Empty<string>(),
            "--default-track-flag",
            labels.Default ? $"{track}:1" : $"{track}:0",
            .. Flag("--forced-display-flag", track, labels.Forced),
            .. Flag("--hearing-impaired-flag", track, labels.HearingImpaired),
            .. Flag("--visual-impaired-flag", track, labels.VisualImpaired),
            .. Flag("--text-descriptions-flag", track, labels.TextDescriptions),
            .. Flag("--original-flag", track, labels.Original),
            .. Flag("--commentary-flag", track, labels.Commentary),
        ];

    private static string[] Flag(string option, int track, bool set) =>
        set ? [option, $"{track}:1"] : [];

    private static IEnumerable<string> Picture(EncodeSettings settings, VideoStream source)
    {
        var color = settings.Color;
        return
        [
            .. Number("--color-matrix-coefficients", ColorCodes.Matrix(color.Matrix)),
            .. Number("--color-range", ColorCodes.Range(color.Range)),
            .. Number("--color-transfer-characteristics", ColorCodes.Transfer(color.Transfer)),
            .. Number("--color-primaries", ColorCodes.Primaries(color.Primaries)),
            .. Text("--chroma-siting", ColorCodes.ChromaSiting(color.ChromaLocation)),
            .. Mastering(settings.Mastering),
            .. Number("--max-content-light", settings.Light?.MaxContent),
            .. Number("--max-frame-light", settings.Light?.MaxAverage),
            .. Number("--stereo-mode", source.StereoMode),
            .. Text(
                "--display-dimensions",
                DisplaySize.Of(settings, source) is { IsSquare: false } size
                    ? size.ToString()
                    : null
            ),
        ];
    }

    private static IEnumerable<string> Mastering(MasteringDisplay? display) =>
        display is null
            ? []
            :
            [
                "--chromaticity-coordinates",
                $"0:{display.RedX},{display.RedY},{display.GreenX},{display.GreenY},{display.BlueX},{display.BlueY}",
                "--white-color-coordinates",
                $"0:{display.WhiteX},{display.WhiteY}",
                "--max-luminance",
                $"0:{display.MaxLuminance}",
                "--min-luminance",
                $"0:{display.MinLuminance}",
            ];

    private static IEnumerable<string> Audio(EncodedAudio audio, CarryPlan plan) =>
        [
            "--no-chapters",
            "--no-global-tags",
            "--no-track-tags",
            .. Labels(0, plan.Audio[audio.StreamIndex]),
            File(audio.Path),
        ];

    private static IEnumerable<string> Subtitles(MkvmergeInputs inputs, CarryPlan plan) =>
        inputs.ExtractedSubtitles is not { } path
            ? []
            :
            [
                "--no-chapters",
                "--no-global-tags",
                "--no-track-tags",
                .. plan.Subtitles.SelectMany((subtitle, track) => Labels(track, subtitle.Labels)),
                File(path),
            ];

    private static IEnumerable<string> Passengers(MkvmergeInputs inputs)
    {
        if (inputs.Passengers is not { } path)
        {
            return [];
        }
        var shift = (long)Math.Round(-inputs.ZeroSeconds * 1000);
        return
        [
            "--no-video",
            "--no-audio",
            .. inputs.WebM ? ["--no-subtitles", "--no-attachments"] : Array.Empty<string>(),
            .. shift == 0 ? Array.Empty<string>() : ["--sync", $"-1:{shift}"],
            .. shift == 0 || !inputs.PassengersHaveChapters
                ? Array.Empty<string>()
                : ["--chapter-sync", $"{shift}"],
            File(path),
        ];
    }

    private static string[] Number(string option, int? value) =>
        value is { } number ? [option, $"0:{number}"] : [];

    private static string[] Text(string option, string? value) =>
        value is null ? [] : [option, $"0:{value}"];
}
