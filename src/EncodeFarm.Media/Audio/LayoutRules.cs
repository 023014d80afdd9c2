namespace EncodeFarm.Media.Audio;

/// <summary>Which layouts a codec has, and where the others go.</summary>
/// <param name="Own">Layouts that it has itself, with their number of channels.</param>
/// <param name="Fitting">Layouts that fit into a larger one, whose other channels stay silent.</param>
/// <param name="Other">What becomes of all others; null where they can't be encoded.</param>
internal sealed record LayoutRules(
    string Codec,
    IReadOnlyDictionary<string, int> Own,
    IReadOnlyDictionary<string, (string Larger, string Map)> Fitting,
    Func<string, int, StoredLayout?> Other
)
{
    /// <summary>More channels than this are in no layout that either codec, or a player, has a place for.</summary>
    private const int MostNamed = 8;

    /// <summary>RFC 7845, 5.1.1.</summary>
    public static readonly LayoutRules Opus = new(
        "Opus",
        new Dictionary<string, int>
        {
            ["mono"] = 1,
            ["stereo"] = 2,
            ["3.0"] = 3,
            ["quad"] = 4,
            ["5.0"] = 5,
            ["5.1"] = 6,
            ["6.1"] = 7,
            ["7.1"] = 8,
        },
        new Dictionary<string, (string, string)>
        {
            ["2.1"] = ("5.1", "FL=FL|FR=FR|LFE=LFE"),
            ["3.1"] = ("5.1", "FL=FL|FR=FR|FC=FC|LFE=LFE"),
            ["3.0(back)"] = ("6.1", "FL=FL|FR=FR|BC=BC"),
            ["4.0"] = ("6.1", "FL=FL|FR=FR|FC=FC|BC=BC"),
            ["4.1"] = ("6.1", "FL=FL|FR=FR|FC=FC|LFE=LFE|BC=BC"),
            ["6.0"] = ("6.1", "FL=FL|FR=FR|FC=FC|BC=BC|SL=SL|SR=SR"),
            ["hexagonal"] = ("6.1", "FL=FL|FR=FR|FC=FC|BC=BC|SL=BL|SR=BR"),
            ["6.1(back)"] = ("6.1", "FL=FL|FR=FR|FC=FC|LFE=LFE|BC=BC|SL=BL|SR=BR"),
            ["7.0"] = ("7.1", "FL=FL|FR=FR|FC=FC|BL=BL|BR=BR|SL=SL|SR=SR"),
        },
        (layout, channels) =>
            new StoredLayout(
                layout,
                channels,
                Remix: null,
                Discrete: true,
                $"Opus has no layout {layout}; its {channels} channels are all kept, but a player does not know their places."
            )
    );

    /// <summary>
    /// The layouts that have a number (channelConfiguration). ffmpeg describes any other one element by element, with
    /// the number 0, which many players refuse.
    /// </summary>
    public static readonly LayoutRules Aac = new(
        "AAC",
        new Dictionary<string, int>
        {
            ["mono"] = 1,
            ["stereo"] = 2,
            ["3.0"] = 3,
            ["4.0"] = 4,
            ["5.0"] = 5,
            ["5.1"] = 6,
            ["7.1"] = 8,
        },
        new Dictionary<string, (string, string)>
        {
            ["2.1"] = ("5.1", "FL=FL|FR=FR|LFE=LFE"),
            ["3.1"] = ("5.1", "FL=FL|FR=FR|FC=FC|LFE=LFE"),
            ["3.0(back)"] = ("4.0", "FL=FL|FR=FR|BC=BC"),
            ["quad"] = ("5.0", "FL=FL|FR=FR|BL=BL|BR=BR"),
            ["quad(side)"] = ("5.0", "FL=FL|FR=FR|BL=SL|BR=SR"),
            ["7.0"] = ("7.1", "FL=FL|FR=FR|FC=FC|BL=BL|BR=BR|SL=SL|SR=SR"),
        },
        (layout, channels) =>
            channels > MostNamed
                ? null
                : new StoredLayout(
                    layout,
                    channels,
                    Remix: null,
                    Discrete: false,
                    $"AAC has no number for the layout {layout}; its {channels} channels are all kept, but many players can't play them."
                )
    );

    /// <summary>The same loudspeakers under another name: with four to six channels, side and back are one pair.</summary>
    private static readonly Dictionary<string, string> Synonyms = new()
    {
        ["quad(side)"] = "quad",
        ["5.0(side)"] = "5.0",
        ["5.1(side)"] = "5.1",
    };

    /// <summary>Layouts with a pair in front that neither codec has a place for: it takes the side pair's, and that the back pair's.</summary>
    private static readonly Dictionary<string, (string Larger, string Map)> Moved = new()
    {
        ["6.0(front)"] = ("7.1", "FL=FL|FR=FR|SL=FLC|SR=FRC|BL=SL|BR=SR"),
        ["6.1(front)"] = ("7.1", "FL=FL|FR=FR|LFE=LFE|SL=FLC|SR=FRC|BL=SL|BR=SR"),
        ["7.0(front)"] = ("7.1", "FL=FL|FR=FR|FC=FC|SL=FLC|SR=FRC|BL=SL|BR=SR"),
        ["7.1(wide)"] = ("7.1", "FL=FL|FR=FR|FC=FC|LFE=LFE|BL=BL|BR=BR|SL=FLC|SR=FRC"),
        ["7.1(wide-side)"] = ("7.1", "FL=FL|FR=FR|FC=FC|LFE=LFE|SL=FLC|SR=FRC|BL=SL|BR=SR"),
    };

    /// <summary>What an unnamed layout most likely is; ffmpeg's own guess has 2.1 for three channels and 4.0 for four.</summary>
    private static readonly string[] ByCount =
    [
        "mono",
        "stereo",
        "3.0",
        "quad",
        "5.0",
        "5.1",
        "6.1",
        "7.1",
    ];

    /// <param name="layout">ffmpeg's name, or null where the source does not say.</param>
    /// <returns>Null where the codec can't hold it.</returns>
    public StoredLayout? For(string? layout, int channels)
    {
        if (layout is null || layout.EndsWith(" channels", StringComparison.Ordinal))
        {
            return Unnamed(channels);
        }
        if (Own.TryGetValue(layout, out var own))
        {
            return new StoredLayout(layout, own, Remix: null, Discrete: false, Warning: null);
        }
        if (Synonyms.TryGetValue(layout, out var synonym) && Own.ContainsKey(synonym))
        {
            return new StoredLayout(synonym, channels, Remix: null, Discrete: false, Warning: null);
        }
        if (Fitting.TryGetValue(layout, out var fitting))
        {
            return new StoredLayout(
                fitting.Larger,
                Own[fitting.Larger],
                Place(fitting.Larger, fitting.Map, channels),
                Discrete: false,
                Own[fitting.Larger] == channels
                    ? null
                    : $"{Codec} has no layout {layout}; it is stored as {fitting.Larger}, whose other channels are silent."
            );
        }
        if (Moved.TryGetValue(layout, out var moved))
        {
            return new StoredLayout(
                moved.Larger,
                Own[moved.Larger],
                Place(moved.Larger, moved.Map, channels),
                Discrete: false,
                $"{Codec} has no layout {layout}; it is stored as {moved.Larger} with the channels left and right of the centre in the side channels' places."
            );
        }
        return Other(layout, channels);
    }

    /// <param name="map">"place=source|…".</param>
    private string Place(string layout, string map, int channels)
    {
        if (channels < Own[layout])
        {
            return $"pan={layout}|{map}";
        }
        // With as many channels as before, ffmpeg's pan believes both layouts' names and mixes (seen in 5.1).
        var pairs = map.Split('|').Select(pair => pair.Split('='));
        return $"channelmap=map={string.Join('|', pairs.Select(pair => $"{pair[1]}-{pair[0]}"))}:channel_layout={layout}";
    }

    private StoredLayout? Unnamed(int channels)
    {
        if (channels > MostNamed)
        {
            return Other($"{channels}c", channels) is not { } discrete
                ? null
                : discrete with
                {
                    Warning =
                        $"The source does not name the places of its {channels} channels; all are kept without places.",
                };
        }
        var guess = ByCount[channels - 1];
        if (For(guess, channels) is not { } stored || channels <= 2)
        {
            return For(guess, channels);
        }
        string[] remix = [$"channelmap=channel_layout={guess}", stored.Remix ?? ""];
        string[] warning =
        [
            $"The source does not name the places of its {channels} channels; they are taken for {guess}.",
            stored.Warning ?? "",
        ];
        return stored with
        {
            Remix = string.Join(',', remix.Where(filter => filter.Length > 0)),
            Warning = string.Join(' ', warning.Where(sentence => sentence.Length > 0)),
        };
    }
}
