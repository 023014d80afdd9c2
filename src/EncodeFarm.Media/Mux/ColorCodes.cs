namespace EncodeFarm.Media.Mux;

/// <summary>The numbers of ITU-T H.273 for ffmpeg's words, as Matroska stores them. Unknown words have none.</summary>
internal static class ColorCodes
{
    private static readonly Dictionary<string, int> PrimaryNumbers = new()
    {
        ["bt709"] = 1,
        ["bt470m"] = 4,
        ["bt470bg"] = 5,
        ["smpte170m"] = 6,
        ["smpte240m"] = 7,
        ["film"] = 8,
        ["bt2020"] = 9,
        ["smpte428"] = 10,
        ["smpte431"] = 11,
        ["smpte432"] = 12,
        ["ebu3213"] = 22,
        ["jedec-p22"] = 22,
    };

    private static readonly Dictionary<string, int> TransferNumbers = new()
    {
        ["bt709"] = 1,
        ["gamma22"] = 4,
        ["bt470m"] = 4,
        ["gamma28"] = 5,
        ["bt470bg"] = 5,
        ["smpte170m"] = 6,
        ["smpte240m"] = 7,
        ["linear"] = 8,
        ["log100"] = 9,
        ["log316"] = 10,
        ["iec61966-2-4"] = 11,
        ["bt1361e"] = 12,
        ["iec61966-2-1"] = 13,
        ["bt2020-10"] = 14,
        ["bt2020-12"] = 15,
        ["smpte2084"] = 16,
        ["smpte428"] = 17,
        ["arib-std-b67"] = 18,
    };

    private static readonly Dictionary<string, int> MatrixNumbers = new()
    {
        ["gbr"] = 0,
        ["bt709"] = 1,
        ["fcc"] = 4,
        ["bt470bg"] = 5,
        ["smpte170m"] = 6,
        ["smpte240m"] = 7,
        ["ycgco"] = 8,
        ["bt2020nc"] = 9,
        ["bt2020c"] = 10,
        ["smpte2085"] = 11,
        ["chroma-derived-nc"] = 12,
        ["chroma-derived-c"] = 13,
        ["ictcp"] = 14,
    };

    public static int? Primaries(string? name) => Find(PrimaryNumbers, name);

    public static int? Transfer(string? name) => Find(TransferNumbers, name);

    public static int? Matrix(string? name) => Find(MatrixNumbers, name);

    /// <summary>Matroska's own: 1 limited, 2 full.</summary>
    public static int? Range(string? name) =>
        name switch
        {
            "tv" => 1,
            "pc" => 2,
            _ => null,
        };

    /// <summary>Matroska's ChromaSitingHorz and ChromaSitingVert: 1 left or top, 2 half way.</summary>
    public static string? ChromaSiting(string? name) =>
        name switch
        {
            "left" => "1,2",
            "center" => "2,2",
            "topleft" => "1,1",
            "top" => "2,1",
            _ => null,
        };

    private static int? Find(Dictionary<string, int> numbers, string? name) =>
        name is not null && numbers.TryGetValue(name, out var number) ? number : null;
}
