namespace EncodeFarm.TestMedia;

/// <summary>A source of the real world, made small.</summary>
/// <param name="Nasty">What is nasty about it: the line of the table in the documentation.</param>
/// <param name="MakeAsync">The path of a file that all tests of the process share.</param>
public sealed record CorpusSource(string Name, string Nasty, Func<Task<string>> MakeAsync)
{
    /// <summary>The output's matrix where it is on purpose another than the source's.</summary>
    public string? Matrix { get; init; }

    /// <summary>Pulldown shows a picture twice: neighbours that differ by no more (0..255) can't be told apart.</summary>
    public double Alike { get; init; } = -1;

    /// <summary>Only what decoders show is encoded.</summary>
    public bool AllowDamaged { get; init; }

    public override string ToString() => Name;
}

/// <summary>Sources of every kind that the farm promises to take, by what is nasty about each.</summary>
public static class Corpus
{
    public static IReadOnlyList<CorpusSource> All => Own() ?? Made;

    private static IReadOnlyList<CorpusSource> Made { get; } =
    [
        new("h264-closed", "plain H.264, closed groups, AAC, MP4", TestClips.H264ClosedGop),
        new("h264-open", "open groups with B-pyramid, MKV", TestClips.H264OpenGop),
        new("h264-open-ts", "open groups, AC-3, TS, 29.97 fps", TestClips.H264OpenGopTs),
        new(
            "intra-refresh",
            "no keyframe after the first, rolling refresh",
            TestClips.H264IntraRefresh
        ),
        new("long-gop", "one keyframe in 20 s", HardPictures.LongGop),
        new("one-keyframe", "one keyframe, B-frames", TestClips.OneKeyframe),
        new("pyramid", "8 B-frames in a pyramid, open groups", HardPictures.DeepPyramid),
        new("intra-only", "H.264 4:2:2 10 bit, all keyframes, MOV", HardPictures.IntraOnly),
        new("hevc-open", "HEVC, open groups (RASL pictures), 23.976 fps", TestClips.HevcOpenGop),
        new("mpeg2-late", "MPEG-2 TS that begins at 12345 s", TestClips.Mpeg2TsLateStart),
        new("mpeg2-ps", "program stream: packets without timestamps", TestClips.Mpeg2ProgramStream),
        new("mxf", "MPEG-2 in MXF, cut in its last group", HardStreams.Mxf),
        new("y4m", "raw pictures that look like text, Y4M", HardPictures.Y4m),
        new("asp-avi", "MPEG-4 ASP, packed B-frames, AVI", TestClips.AviPackedB),
        new("vp8", "VP8 with packets that show nothing, WebM", TestClips.Vp8),
        new("vp9", "VP9 with alternate references, WebM", TestClips.Vp9),
        new("av1", "AV1 in MP4", HardPictures.Av1Mp4),
        new("prores", "ProRes 4:2:2 10 bit, timecode track, 24-bit PCM, MOV", HardPictures.ProRes),
        new("ffv1-12bit", "FFV1 4:2:2 12 bit, FLAC at 96 kHz", HardPictures.Ffv1TwelveBit),
        new("mjpeg", "Motion JPEG, full range 4:2:2, AVI", HardPictures.MotionJpegAvi),
        new("h264-10bit", "H.264 10 bit", TestClips.H264TenBit),
        new("hevc-12bit", "HEVC 12 bit", HardPictures.HevcTwelveBit),
        new("odd-444", "161x91 pixels, 4:4:4", TestClips.OddDimensions),
        new("rgb", "RGB", HardPictures.Rgb) { Matrix = "bt709" },
        new("palette", "pictures with palettes (PNG)", HardPictures.Palette) { Matrix = "bt709" },
        new("gif", "an animated GIF", HardOrigins.Gif) { Matrix = "bt709" },
        new("apng", "an animated PNG", HardOrigins.Apng) { Matrix = "bt709" },
        new("side-by-side", "two eyes side by side, half their width", HardOrigins.SideBySide),
        new("full-range", "full range", TestClips.FullRange),
        new("tiny", "64x64 pixels", HardPictures.Tiny),
        new("sps-crop", "picture cropped by its bitstream", HardPictures.CroppedByBitstream),
        new("container-crop", "picture cropped by Matroska", HardPictures.CroppedByContainer),
        new("anamorphic", "pixels of 4:3", TestClips.Anamorphic),
        new("rotated", "a phone's upright video: rotation metadata", TestClips.Rotated),
        new("letterbox", "black bars", TestClips.Letterboxed),
        new("letterbox-hdr", "black bars in HDR", TestClips.LetterboxedHdr),
        new("hdr10", "HDR10: PQ, mastering display, content light level", TestClips.Hdr10),
        new("hlg", "HLG, 50 fps", HardPictures.Hlg),
        new("ntsc-601", "BT.601 NTSC, pixels of 10:11", HardPictures.Ntsc601),
        new(
            "pal-601",
            "BT.601 PAL, interlaced, pixels of 16:15, program stream",
            HardPictures.Pal601
        ),
        new("interlaced", "H.264 MBAFF, top field first, TS", TestClips.InterlacedTs),
        new("interlaced-bff", "MPEG-2, bottom field first, TS", TestClips.Mpeg2InterlacedTs),
        new(
            "interlaced-unflagged",
            "combed pictures in a file that does not say so",
            TestClips.InterlacedUnflagged
        ),
        new(
            "partly-interlaced",
            "a progressive logo, then interlaced pictures, TS",
            HardPictures.PartlyInterlaced
        ),
        new(
            "changing-colours",
            "colour tags that begin in the middle, TS",
            HardPictures.ChangesColors
        ),
        new(
            "changing-pixels",
            "pixels that change their shape in the middle, TS",
            HardPictures.ChangesPixels
        ),
        new("slides", "a slide show: a picture every 5 s", HardPictures.Slides),
        new("telecine", "film with 2:3 pulldown, coded interlaced", HardPictures.Telecined)
        {
            Alike = 8,
        },
        new(
            "pulldown-ts",
            "film whose flags ask for 2:3 pulldown, MPEG-2 in TS",
            HardPictures.SoftPulldownTs
        ),
        new("pulldown-ps", "the same in a program stream, as on DVD", HardPictures.SoftPulldownPs),
        new("fps-59.94", "59.94 fps in whole milliseconds", TestClips.H264At5994),
        new("fps-120", "120 fps", HardTimes.Fps120),
        new("fps-1000", "frames of 1 ms", HardTimes.Fps1000),
        new("vfr", "irregular frame times, open groups", TestClips.VariableRate),
        new("vfr-30-60", "30 and 60 fps by turns", HardTimes.Mixed3060),
        new("vfr-screen", "a screen recording: stills of up to 3 s", HardTimes.ScreenRecording),
        new("vfr-gap", "one picture that stays for 7 s", TestClips.LongGap),
        new("repeated-times", "pictures that share their timestamp", TestClips.RepeatedTimestamps),
        new(
            "edit-list",
            "an edit list that begins in the middle of a group",
            TestClips.EditListMidGop
        ),
        new("negative-ctts", "composition before decoding, MP4", HardTimes.NegativeComposition),
        new(
            "negative-start",
            "the clock begins at -1.5 s, hidden before 0, MOV",
            HardTimes.NegativeStart
        ),
        new("ts-cut-start", "a recording cut in the middle of a group", TestClips.TsCutMidGop),
        new("ts-wrap", "the TS clock overflows in the middle", HardTimes.ClockWrap),
        new("ts-gap", "a hole of 3 s in picture and sound", HardTimes.ClockGap),
        new("one-frame", "one single frame", TestClips.OneFrame),
        new("nine-frames", "nine frames", TestClips.NineFrames),
        new("long-sound", "sound longer than the picture", TestClips.AudioLongerThanVideo),
        new("short-sound", "sound shorter than the picture", HardStreams.ShortSound),
        new("late-sound", "sound 0.35 s late", HardStreams.LateSound),
        new("late-picture", "picture 0.5 s late", HardTimes.LatePicture),
        new(
            "eight-tracks",
            "8 tracks: AAC, AC-3, DTS, FLAC, PCM, Opus, MP3; mono to 7.1; 22 to 96 kHz",
            HardStreams.EightTracks
        ),
        new(
            "everything",
            "tracks, flags, IETF languages, chapters, font, cover; sound late",
            TestClips.Everything
        ),
        new("ass-fonts", "ASS with its font, SRT, non-Latin names", HardStreams.AssAndFonts),
        new("mov-text", "mov_text, chapters, cover, forced flag, MP4", HardStreams.MovText),
        new("picture-subtitles", "PGS and VobSub", HardStreams.PictureSubtitles),
        new("blu-ray", "M2TS with AC-3 and PGS", HardStreams.BluRay),
        new("two-videos", "two video streams and a cover", HardStreams.TwoPictures),
        new("flaws", "damaged slices in the middle", Damaged.Flaws),
        new("lost-pictures", "pictures in the middle that can't be decoded", Damaged.LostPictures)
        {
            AllowDamaged = true,
        },
        new("weak-signal", "noise in some packets of a TS", Damaged.WeakSignal),
        .. Samples(),
    ];

    public static CorpusSource Named(string name) => All.First(source => source.Name == name);

    /// <summary>What no tool here can make: samples, where ENCODEFARM_MEDIA names their directory.</summary>
    private static IEnumerable<CorpusSource> Samples() =>
        [
            new(
                "dolby-vision-8",
                "Dolby Vision 8.1 on HDR10",
                () => SampleClips.PathAsync("dolby-vision-8.1.mkv")
            )
            {
                Alike = 4,
            },
            new(
                "dolby-vision-7",
                "Dolby Vision 7 (8.1 with the record of 7)",
                SampleClips.DolbyVision7
            )
            {
                Alike = 4,
            },
            new("hdr10plus", "HDR10+", () => SampleClips.PathAsync("hdr10plus.mkv")) { Alike = 4 },
        ];

    /// <summary>
    /// In the place of the corpus, the files of the directory that ENCODEFARM_SOURCES names: sources that nobody has
    /// thought of here.
    /// </summary>
    private static IReadOnlyList<CorpusSource>? Own() =>
        Environment.GetEnvironmentVariable("ENCODEFARM_SOURCES") is { Length: > 0 } directory
            ?
            [
                .. Directory
                    .EnumerateFiles(directory)
                    .Order(StringComparer.Ordinal)
                    .Select(path => new CorpusSource(
                        Path.GetFileName(path),
                        "",
                        () => Task.FromResult(path)
                    )),
            ]
            : null;
}
