namespace EncodeFarm.Media.Tools.Locate;

/// <summary>Asks all tools at once what they are: each is a short program that mostly loads its libraries.</summary>
internal sealed class ToolInspector(
    ToolPlaces places,
    IToolRunner runner,
    TimeSpan limit,
    CancellationToken cancellation
)
{
    private const string VmafFilter = "libvmaf";

    /// <summary>libavutil of ffmpeg 5.1, the first with <c>-fps_mode</c>.</summary>
    private static readonly Version OldestLibavutil = new(57, 28);

    private static readonly (string Encoder, string Use)[] Encoders =
    [
        ("libsvtav1", "AV1 video"),
        ("libopus", "Opus audio"),
        ("libx264", "H.264 video"),
        ("libx265", "H.265 video"),
        ("libvpx-vp9", "VP9 video"),
        ("aac", "AAC audio"),
    ];

    private readonly ToolProbe probe = new(runner, limit, cancellation);
    private bool allAnswered = true;

    internal async Task<ToolInspection> RunAsync()
    {
        var filterNames = NamesAsync("-filters");
        var encoderNames = NamesAsync("-encoders");
        var ffmpeg = FindAsync(
            places.Ffmpeg,
            required: true,
            async path =>
            {
                var version = await FfmpegVersionAsync(path);
                await Task.WhenAll(filterNames, encoderNames);
                return version;
            }
        );
        var ffprobe = FindAsync(places.Ffprobe, required: true, FfmpegVersionAsync);
        var mkvmerge = FindAsync(places.Mkvmerge, required: true, OtherVersionAsync);
        var mediaInfo = FindAsync(places.MediaInfo, required: false, OtherVersionAsync);
        var filters = await OrNone(filterNames);
        var vmaf = await FindVmafAsync(filters);
        var encoders = await OrNone(encoderNames);
        ToolFinding[] tools = [await ffmpeg, await ffprobe, await mkvmerge, await mediaInfo, vmaf];
        ToolFinding[] findings =
        [
            .. tools,
            .. Encoders.Select(encoder => EncoderFinding(encoder.Encoder, encoder.Use, encoders)),
            ParentDeathFinding(),
        ];
        if (tools.Any(tool => tool is { Required: true, Ok: false }))
            return new ToolInspection(Tools: null, findings, Files: [])
            {
                AllAnswered = allAnswered,
            };

        var files = await FilesAsync();
        var fingerprint = await ToolFingerprint.ComputeAsync(
            files,
            AsTool(vmaf)?.Path,
            cancellation
        );
        var set = new ToolSet(
            AsTool(tools[0])!,
            AsTool(tools[1])!,
            AsTool(tools[2])!,
            AsTool(tools[3]),
            AsTool(vmaf),
            VmafIsFfmpeg: vmaf.Version is { } version && ToolOutput.IsFfmpeg(version),
            encoders,
            filters
        )
        {
            Fingerprint = fingerprint,
        };
        return new ToolInspection(set, findings, files) { AllAnswered = allAnswered };
    }

    private async Task<ToolFinding> FindAsync(
        ToolPlace place,
        bool required,
        Func<string, Task<string>> versionOf
    )
    {
        var problem = place.Problem;
        string? version = null;
        try
        {
            if (place is { Usable: true, Path: { } path })
                version = await versionOf(path);
        }
        catch (ToolFailedException slow) when (slow.Kind == ToolFailureKind.TimeLimit)
        {
            allAnswered = false;
            return new ToolFinding(
                place.Name,
                place.Path,
                version,
                Ok: false,
                required,
                $"{place.Path} did not answer within {limit.TotalSeconds:0.#} s. {ToolAdvice.ForSlow(place.Name)}"
            );
        }
        catch (Exception exception) when (exception is ToolFailedException or UnfitToolException)
        {
            problem = $"{place.Path} can't be used: {exception.Message}";
        }
        return new ToolFinding(
            place.Name,
            place.Path,
            version,
            Ok: problem is null,
            required,
            problem is null ? null : $"{problem} {ToolAdvice.For(place.Name)}"
        );
    }

    // The system's ffmpeg first: one program less, and a newer libvmaf.
    private async Task<ToolFinding> FindVmafAsync(IReadOnlyList<string> filters)
    {
        if (!places.Vmaf.Chosen && filters.Contains(VmafFilter))
        {
            var system = places.Ffmpeg with { Name = places.Vmaf.Name };
            var finding = await FindAsync(system, required: false, VmafVersionAsync);
            if (finding.Ok)
                return finding;
        }
        return await FindAsync(places.Vmaf, required: false, VmafVersionAsync);
    }

    private async Task<string> FfmpegVersionAsync(string path)
    {
        var text = await probe.AskAsync(path, "-version");
        var version = ToolOutput.FfmpegVersion(text) ?? throw Strange(text);
        return ToolOutput.LibavutilVersion(text) < OldestLibavutil
            ? throw new UnfitToolException(
                $"version {version} is too old, 5.1 is the oldest that fits."
            )
            : version;
    }

    // "ffmpeg 7.1" or "ffprobe 7.1": the two are called in different ways.
    private async Task<string> VmafVersionAsync(string path)
    {
        var text = await probe.AskAsync(path, "-version");
        var version = ToolOutput.FfmpegVersion(text) ?? throw Strange(text);
        var isFfmpeg = ToolOutput.IsFfmpeg(text);
        await probe.TryVmafAsync(path, isFfmpeg);
        return $"{(isFfmpeg ? "ffmpeg" : "ffprobe")} {version}";
    }

    private async Task<string> OtherVersionAsync(string path)
    {
        var text = await probe.AskAsync(path, "--version");
        return ToolOutput.PrefixedVersion(text) ?? throw Strange(text);
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string table)
    {
        if (places.Ffmpeg is not { Usable: true, Path: { } path })
            return [];
        try
        {
            var text = await probe.AskAsync(path, "-hide_banner", table);
            return ToolOutput.Names(text);
        }
        catch (ToolFailedException failed) when (failed.Kind != ToolFailureKind.TimeLimit)
        {
            // The same program is asked for its version, and the finding says what is wrong with it.
            return [];
        }
    }

    /// <summary>What was too slow is said of the program itself.</summary>
    private static async Task<IReadOnlyList<string>> OrNone(Task<IReadOnlyList<string>> names)
    {
        try
        {
            return await names;
        }
        catch (ToolFailedException)
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<string>> FilesAsync()
    {
        var ffmpeg = places.Ffmpeg.Path!;
        try
        {
            var linked = await probe.LinkedFilesAsync(ffmpeg);
            return [ffmpeg, .. ToolFingerprint.Relevant(linked)];
        }
        catch (ToolFailedException)
        {
            return [ffmpeg];
        }
    }

    private static ToolFinding EncoderFinding(
        string encoder,
        string use,
        IReadOnlyList<string> encoders
    )
    {
        var ok = encoders.Contains(encoder);
        var advice =
            $"ffmpeg has no {encoder}: profiles with {use} don't work. Install an ffmpeg that has it.";
        return new ToolFinding(
            ToolFinding.Encoder(encoder),
            Path: null,
            Version: null,
            ok,
            Required: false,
            ok ? null : advice
        );
    }

    private static ToolFinding ParentDeathFinding() =>
        new(
            "setpriv",
            CommandChain.SetPriv,
            Version: null,
            Ok: CommandChain.SetPriv is not null,
            Required: false,
            CommandChain.SetPriv is not null
                ? null
                : "Where the farm itself is killed by force its encoders go on until the job is started again. "
                    + "On Linux install util-linux; other systems have nothing like it."
        );

    private static UnfitToolException Strange(string text) =>
        new(
            string.IsNullOrWhiteSpace(text)
                ? "it says nothing when it is asked for its version."
                : $"its answer is not understood: {text.Trim().Split('\n')[0].TrimEnd('.')}."
        );

    private static Tool? AsTool(ToolFinding finding) =>
        finding is { Ok: true, Path: { } path, Version: { } version }
            ? new Tool(finding.Name, path, version)
            : null;
}
