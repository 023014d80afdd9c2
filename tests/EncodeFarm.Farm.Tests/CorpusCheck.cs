using System.Globalization;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>Holds an output against its source with the eyes of the oracles alone.</summary>
public static class CorpusCheck
{
    /// <summary>Matroska's timestamps are whole milliseconds, at both ends.</summary>
    const double TimestampLimit = 0.0011;

    /// <summary>One frame of AAC at 44.1 kHz, and the milliseconds of the container.</summary>
    const double SoundLimit = 1024 / 44_100.0 + 0.002;

    const double HdrLimit = 0.0005;

    /// <returns>What is not as it should be, as sentences.</returns>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(
        CorpusSource source,
        string path,
        string output,
        VideoState state
    )
    {
        // Deinterlacing and turning upright change the picture: the yardstick gets the same.
        var filters = state.Renditions[0].Settings.Filters;
        var decoded = await FrameOracle.DecodeAsync(path, filters == "" ? null : filters);
        var encoded = await FrameOracle.DecodeAsync(output);
        var before = await StreamOracle.ReadAsync(path);
        var after = await StreamOracle.ReadAsync(output);
        return
        [
            .. Frames(source, decoded, encoded, state),
            .. Streams(before, after, state),
            .. await ColorsAsync(source, before, after, output, state),
            .. await SoundAsync(path, output, before, after, decoded, encoded),
        ];
    }

    static IEnumerable<string> Frames(
        CorpusSource source,
        DecodedVideo decoded,
        DecodedVideo encoded,
        VideoState state
    )
    {
        if (FrameOracle.Mismatch(decoded, encoded, source.Alike) is { } mismatch)
        {
            yield return mismatch;
            yield break;
        }
        if (state.Analysis!.Frames != decoded.Count)
        {
            yield return $"{state.Analysis.Frames} frames were planned, {decoded.Count} are there.";
        }
        var error = FrameOracle.TimestampError(decoded, encoded);
        if (error >= TimestampLimit)
        {
            yield return Text($"A frame is {error * 1000:0.00} ms off.");
        }
    }

    static IEnumerable<string> Streams(FileFacts before, FileFacts after, VideoState state)
    {
        foreach (var kind in new[] { "audio", "subtitle" })
        {
            var (expected, found) = (before.Of(kind), after.Of(kind));
            if (expected.Count != found.Count)
            {
                yield return $"{expected.Count} {kind} streams became {found.Count}.";
                continue;
            }
            foreach (var (one, other) in expected.Zip(found))
            {
                if (Labels(one) != Labels(other))
                {
                    yield return $"The {kind} stream {Labels(one)} became {Labels(other)}.";
                }
            }
        }
        foreach (var kind in new[] { "cover", "attachment" })
        {
            if (before.Of(kind).Count != after.Of(kind).Count)
            {
                yield return $"{before.Of(kind).Count} of {kind} became {after.Of(kind).Count}.";
            }
        }
        if (after.Of("video").Count != 1)
        {
            yield return $"There are {after.Of("video").Count} video streams.";
        }
        var (stereo, kept) = (before.Of("video")[0].Stereo, after.Of("video")[0].Stereo);
        if (stereo != kept)
        {
            yield return $"The arrangement of two eyes '{stereo}' became '{kept}'.";
        }
        foreach (var dropped in before.Of("video").Skip(1).Concat(before.Of("data")))
        {
            if (!state.Analysis!.Warnings.Any(text => text.Contains($"stream {dropped.Index} ")))
            {
                yield return $"No warning names {dropped.Kind} stream {dropped.Index}, which is dropped.";
            }
        }
        var same =
            before.Chapters.Count == after.Chapters.Count
            && before
                .Chapters.Zip(after.Chapters)
                .All(pair =>
                    Math.Abs(pair.First.Start - pair.Second.Start) < 0.002
                    && pair.First.Title == pair.Second.Title
                );
        if (!same)
        {
            yield return $"The chapters {string.Join(", ", before.Chapters)} became {string.Join(", ", after.Chapters)}.";
        }
    }

    static string Labels(StreamFacts stream) =>
        stream.Kind == "audio"
            ? $"[{stream.Language}, '{stream.Title}', {stream.Flags}, {stream.Channels} channels]"
            : $"[{stream.Language}, '{stream.Title}', {stream.Flags}]";

    static async Task<IReadOnlyList<string>> ColorsAsync(
        CorpusSource source,
        FileFacts before,
        FileFacts after,
        string output,
        VideoState state
    )
    {
        var differences = new List<string>();
        var expected = before.Of("video")[0].Color.ToArray();
        if (source.Matrix is { } matrix)
        {
            (expected[0], expected[3]) = ("tv", matrix);
        }
        var bitstream = await StreamOracle.BitstreamColorAsync(output);
        foreach (
            var (place, found) in new[]
            {
                ("container", after.Of("video")[0].Color),
                ("bitstream", bitstream),
            }
        )
        {
            for (var tag = 0; tag < expected.Length; tag++)
            {
                if (expected[tag] != "?" && expected[tag] != found[tag])
                {
                    differences.Add(
                        $"The {place} says the colour {string.Join('/', found)} instead of {string.Join('/', expected)}."
                    );
                    break;
                }
            }
        }
        var missing =
            before.Hdr.Count != after.Hdr.Count
            || before
                .Hdr.Zip(after.Hdr)
                .Any(pair =>
                    Math.Abs(pair.First - pair.Second) > HdrLimit * Math.Max(1, pair.First)
                );
        if (missing)
        {
            differences.Add(
                $"The HDR metadata {string.Join(' ', before.Hdr)} became {string.Join(' ', after.Hdr)}."
            );
        }
        var words = state.Analysis!.Video.Hdr switch
        {
            Hdr.Pq => "\"PQ\"",
            Hdr.Hlg => "\"HLG\"",
            _ => null,
        };
        if (words is not null)
        {
            var info = await StreamOracle.MediaInfoAsync(output);
            string[] signs =
            [
                words,
                StreamOracle.InBoth("colour_primaries"),
                StreamOracle.InBoth("transfer_characteristics"),
                StreamOracle.InBoth("matrix_coefficients"),
                // Of the light level it writes the two places' texts with and without a unit, and so tells them apart.
                .. before.Hdr.Count == 12
                    ?
                    [
                        StreamOracle.InBoth("MasteringDisplay_ColorPrimaries"),
                        StreamOracle.InBoth("MasteringDisplay_Luminance"),
                        "\"MaxCLL_Source\": \"Container",
                    ]
                    : Array.Empty<string>(),
            ];
            differences.AddRange(
                signs
                    .Where(sign => !info.Contains(sign, StringComparison.Ordinal))
                    .Select(sign => $"mediainfo does not find {sign}.")
            );
        }
        return differences;
    }

    static async Task<IReadOnlyList<string>> SoundAsync(
        string path,
        string output,
        FileFacts before,
        FileFacts after,
        DecodedVideo decoded,
        DecodedVideo encoded
    )
    {
        var differences = new List<string>();
        // How far the output's clock lies behind the source's.
        var shift = decoded.Seconds[0] - encoded.Seconds[0];
        var (start, end) = (encoded.Seconds[0], encoded.Seconds[^1]);
        foreach (var (one, other) in before.Of("audio").Zip(after.Of("audio")))
        {
            var expected = await StreamOracle.SoundAsync(path, one.Index);
            var found = await StreamOracle.SoundAsync(output, other.Index);
            if (expected is not { } heard || found is not { } kept)
            {
                differences.Add($"Nothing is heard of audio stream {one.Index}.");
                continue;
            }
            (start, end) = (Math.Min(start, kept.Start), Math.Max(end, kept.End));
            if (Math.Abs(heard.Start - shift - kept.Start) > SoundLimit)
            {
                differences.Add(
                    Text(
                        $"Audio stream {one.Index} begins at {kept.Start:0.000} instead of {heard.Start - shift:0.000} s."
                    )
                );
            }
            if (Math.Abs(heard.End - shift - kept.End) > SoundLimit)
            {
                differences.Add(
                    Text(
                        $"Audio stream {one.Index} ends at {kept.End:0.000} instead of {heard.End - shift:0.000} s."
                    )
                );
            }
        }
        // The last frame's own length is not known here; subtitles may last longer, as they do in the source.
        var frame = encoded.Count > 1 ? encoded.Seconds[^1] - encoded.Seconds[^2] : 1;
        var length = end - Math.Max(0, start);
        var most = Math.Max(end + Math.Max(frame, 1), before.Duration + 0.002);
        if (after.Duration < length - 0.002 || after.Duration > most)
        {
            differences.Add(
                Text($"The file lasts {after.Duration:0.000} s, its streams {length:0.000} s.")
            );
        }
        return differences;
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
