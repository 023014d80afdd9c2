namespace EncodeFarm.Media.Audio;

/// <summary>How a channel layout is held by Opus (RFC 7845, 5.1.1), which knows eight of them.</summary>
/// <param name="Name">ffmpeg's name of the layout that is encoded.</param>
/// <param name="Channels">Number of channels encoded.</param>
/// <param name="Remix">A filter that gives each channel its place, all at full level; null where the names fit.</param>
/// <param name="Discrete">True where the channels are stored without any places (mapping family 255).</param>
/// <param name="Warning">What a listener may notice; null for nothing.</param>
public sealed record OpusLayout(
    string Name,
    int Channels,
    string? Remix,
    bool Discrete,
    string? Warning
)
{
    /// <summary>Layouts that Opus has itself.</summary>
    private static readonly Dictionary<string, int> Own = new()
    {
        ["mono"] = 1,
        ["stereo"] = 2,
        ["3.0"] = 3,
        ["quad"] = 4,
        ["5.0"] = 5,
        ["5.1"] = 6,
        ["6.1"] = 7,
        ["7.1"] = 8,
    };

    /// <summary>The same loudspeakers under another name: with four to six channels, side and back are one pair.</summary>
    private static readonly Dictionary<string, string> Synonyms = new()
    {
        ["quad(side)"] = "quad",
        ["5.0(side)"] = "5.0",
        ["5.1(side)"] = "5.1",
    };

    /// <summary>Layouts that fit into a larger one, whose other channels stay silent.</summary>
    private static readonly Dictionary<string, (string Larger, string Map)> Fitting = new()
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
    };

    /// <summary>Layouts with a pair in front that Opus has no place for: it takes the side pair's, and that the back pair's.</summary>
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
    public static OpusLayout For(string? layout, int channels)
    {
        if (layout is null || layout.EndsWith(" channels", StringComparison.Ordinal))
        {
            return Unnamed(channels);
        }
        if (Own.TryGetValue(layout, out var own))
        {
            return new OpusLayout(layout, own, Remix: null, Discrete: false, Warning: null);
        }
        if (Synonyms.TryGetValue(layout, out var synonym))
        {
            return new OpusLayout(synonym, channels, Remix: null, Discrete: false, Warning: null);
        }
        if (Fitting.TryGetValue(layout, out var fitting))
        {
            return new OpusLayout(
                fitting.Larger,
                Own[fitting.Larger],
                Place(fitting.Larger, fitting.Map, channels),
                Discrete: false,
                Own[fitting.Larger] == channels
                    ? null
                    : $"Opus has no layout {layout}; it is stored as {fitting.Larger}, whose other channels are silent."
            );
        }
        if (Moved.TryGetValue(layout, out var moved))
        {
            return new OpusLayout(
                moved.Larger,
                Own[moved.Larger],
                Place(moved.Larger, moved.Map, channels),
                Discrete: false,
                $"Opus has no layout {layout}; it is stored as {moved.Larger} with the channels left and right of the centre in the side channels' places."
            );
        }
        return new OpusLayout(
            layout,
            channels,
            Remix: null,
            Discrete: true,
            $"Opus has no layout {layout}; its {channels} channels are all kept, but a player does not know their places."
        );
    }

    /// <param name="map">"place=source|…".</param>
    private static string Place(string layout, string map, int channels)
    {
        if (channels < Own[layout])
        {
            return $"pan={layout}|{map}";
        }
        // With as many channels as before, ffmpeg's pan believes both layouts' names and mixes (seen in 5.1).
        var pairs = map.Split('|').Select(pair => pair.Split('='));
        return $"channelmap=map={string.Join('|', pairs.Select(pair => $"{pair[1]}-{pair[0]}"))}:channel_layout={layout}";
    }

    private static OpusLayout Unnamed(int channels)
    {
        if (channels > ByCount.Length)
        {
            return new OpusLayout(
                $"{channels}c",
                channels,
                Remix: null,
                Discrete: true,
                $"The source does not name the places of its {channels} channels; all are kept without places."
            );
        }
        var guess = ByCount[channels - 1];
        return new OpusLayout(
            guess,
            channels,
            channels <= 2 ? null : $"channelmap=channel_layout={guess}",
            Discrete: false,
            channels <= 2
                ? null
                : $"The source does not name the places of its {channels} channels; they are taken for {guess}."
        );
    }
}
