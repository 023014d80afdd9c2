using System.Text;
using System.Xml;
using System.Xml.Linq;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>mkvmerge's XML files for chapters and tags, for sources that it can't take them from itself.</summary>
internal static class MatroskaXml
{
    /// <summary>Facts about the old file, which are wrong for the new one.</summary>
    private static readonly string[] FileFacts =
    [
        "title",
        "encoder",
        "duration",
        "major_brand",
        "minor_version",
        "compatible_brands",
        "bps",
    ];

    public static XDocument Chapters(IReadOnlyList<Chapter> chapters, double zeroSeconds) =>
        new(
            new XElement(
                "Chapters",
                new XElement(
                    "EditionEntry",
                    chapters.Select(chapter => new XElement(
                        "ChapterAtom",
                        new XElement("ChapterTimeStart", Time(chapter.StartSeconds - zeroSeconds)),
                        new XElement("ChapterTimeEnd", Time(chapter.EndSeconds - zeroSeconds)),
                        chapter.Title is { Length: > 0 } title
                            ? new XElement(
                                "ChapterDisplay",
                                new XElement("ChapterString", Printable(title)),
                                new XElement("ChapterLanguage", TrackLabels.UnknownLanguage)
                            )
                            : null
                    ))
                )
            )
        );

    /// <summary>What of a file's tags is true of a new one as well.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Kept(
        IReadOnlyDictionary<string, string> metadata
    ) =>
        metadata
            // mkvmerge trims: of blanks nothing would be left.
            .Where(pair => !string.IsNullOrWhiteSpace(Printable(pair.Value)))
            .Where(pair => !FileFacts.Contains(pair.Key, StringComparer.OrdinalIgnoreCase));

    /// <summary>The tags of the whole file; empty where there are none worth keeping.</summary>
    public static XDocument? Tags(IReadOnlyDictionary<string, string> metadata)
    {
        var kept = Kept(metadata).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        if (kept.Count == 0)
        {
            return null;
        }
        return new XDocument(
            new XElement(
                "Tags",
                new XElement(
                    "Tag",
                    new XElement("Targets"),
                    kept.Select(pair => new XElement(
                        "Simple",
                        new XElement("Name", Printable(TagName(pair.Key))),
                        new XElement("String", Printable(pair.Value))
                    ))
                )
            )
        );
    }

    public static async Task WriteAsync(
        XDocument document,
        string path,
        CancellationToken cancellation
    )
    {
        var settings = new XmlWriterSettings
        {
            Async = true,
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        await using var writer = XmlWriter.Create(path, settings);
        await document.SaveAsync(writer, cancellation);
    }

    public static string TagName(string key) => key.Replace(' ', '_').ToUpperInvariant();

    /// <summary>Matroska's tags may hold characters that XML can't.</summary>
    public static string Printable(string text) =>
        string.Concat(
            text.EnumerateRunes()
                .Where(rune => !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value))
        );

    private static string Time(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Max(0, seconds));
        return $"{(int)time.TotalHours:00}:{time:mm\\:ss\\.fffffff}";
    }
}
