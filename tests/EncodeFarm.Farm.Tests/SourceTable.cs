using System.Collections.Concurrent;
using System.Text;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>
/// The table of the documentation: each source of the corpus, what was decided, and the result. It is written where
/// ENCODEFARM_SOURCES_TABLE names a file, after each source anew.
/// </summary>
public static class SourceTable
{
    const string Variable = "ENCODEFARM_SOURCES_TABLE";

    const string Head = """
        # Sources

        What the farm decides about sources of every kind, and what came out. Each one is made by the tests, encoded to AV1 in MKV
        in segments of about 1.5 s, and held against its source: every picture and its time (within 1 ms), colours and HDR
        metadata in bitstream and container, streams, labels and chapters, begin and end of every sound (within one audio
        frame), duration. Written by the tests: `ENCODEFARM_SOURCES_TABLE=docs/sources.md ./farm test --long Farm`.
        With `ENCODEFARM_SOURCES=<directory>` the files in it are tried instead.

        | source | what is nasty about it | decision | result |
        |---|---|---|---|

        """;

    static readonly ConcurrentDictionary<string, string> Rows = new();
    static readonly Lock Gate = new();

    public static void Add(CorpusSource source, VideoState state, IReadOnlyList<string> differences)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
        {
            return;
        }
        var result = differences.Count == 0 ? "whole" : string.Join(" ", differences);
        Rows[source.Name] =
            $"| {source.Name} | {source.Nasty} | {string.Join("; ", Decisions(state))} | {Counts(state)}: {result} |";
        lock (Gate)
        {
            var text = new StringBuilder(Head);
            foreach (var known in Corpus.All.Where(known => Rows.ContainsKey(known.Name)))
            {
                text.Append(Rows[known.Name]).Append('\n');
            }
            File.WriteAllText(path, text.ToString());
        }
    }

    static string Counts(VideoState state) =>
        $"{state.Analysis!.Frames} frames in {state.Plan!.Segments.Count}";

    static IEnumerable<string> Decisions(VideoState state)
    {
        var (analysis, settings) = (state.Analysis!, state.Renditions[0].Settings);
        yield return analysis.Video.VariableFrameRate
            ? "variable rate kept"
            : FormattableString.Invariant($"{analysis.Video.FrameRate} fps");
        if (state.Plan!.Unchunked is { } reason)
        {
            yield return $"in one piece: {reason}";
        }
        if (analysis.WorkingPath != analysis.Source.Path)
        {
            yield return "remuxed for timestamps";
        }
        if (settings.Filters != "")
        {
            yield return $"`{settings.Filters}`";
        }
        if (analysis.Video.Hdr != Hdr.None)
        {
            yield return analysis.Video.Hdr == Hdr.Pq ? "PQ kept" : "HLG kept";
        }
        foreach (var warning in Warnings(state))
        {
            yield return warning;
        }
    }

    static IEnumerable<string> Warnings(VideoState state) =>
        state
            .Analysis!.Warnings.Concat(
                state
                    .Audio.SelectMany(variant => variant)
                    .SelectMany(track => track.Done?.Warnings ?? [])
            )
            .Concat(state.Renditions.SelectMany(r => r.Delivering?.Warnings ?? []))
            .Distinct()
            .Select(warning => warning.Replace("|", "\\|"));
}
