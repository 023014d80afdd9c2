namespace EncodeFarm.Media.Tools.Locate;

/// <summary>Asks the tools about themselves.</summary>
/// <param name="limit">How long each answer may take.</param>
internal sealed class ToolProbe(IToolRunner runner, TimeSpan limit, CancellationToken cancellation)
{
    /// <summary>Older versions of mediainfo answer <c>--Version</c> with it.</summary>
    private const int MediaInfoVersionExit = 255;

    // Two pictures and a score: shows that the filter is there and has its model.
    private const string VmafTrial =
        "color=size=64x64:duration=0.1[a];color=size=64x64:duration=0.1[b];[a][b]libvmaf";

    internal Task<string> AskAsync(string program, params string[] arguments) =>
        AskAsync(new ToolCommand(program, arguments, WorkKind.Analyze));

    /// <summary>Files that the dynamic linker would load; none for a static program or where it can't be asked.</summary>
    internal async Task<IReadOnlyList<string>> LinkedFilesAsync(string program)
    {
        if (!OperatingSystem.IsLinux() || SearchPath.Find("env") is not { } env)
            return [];
        // Set by env, behind the programs that the runner puts in front: those would be listed otherwise.
        var list = await AskAsync(env, "LD_TRACE_LOADED_OBJECTS=1", program, "-version");
        return ToolOutput.LinkedFiles(list);
    }

    /// <exception cref="ToolFailedException">The filter or its model is missing.</exception>
    internal Task TryVmafAsync(string program, bool isFfmpeg) =>
        isFfmpeg
            ? AskAsync(
                program,
                "-v",
                "error",
                "-nostdin",
                "-f",
                "lavfi",
                "-i",
                VmafTrial,
                "-f",
                "null",
                "-"
            )
            : AskAsync(program, "-v", "error", "-f", "lavfi", VmafTrial);

    private async Task<string> AskAsync(ToolCommand command)
    {
        var result = await runner.RunAsync(
            command with
            {
                TimeLimit = limit,
                // It writes nothing, so there is nothing to close when somebody interrupts.
                StopGrace = TimeSpan.Zero,
                Nice = false,
                GoodExitCodes = [0, MediaInfoVersionExit],
            },
            cancellation
        );
        return result.Output;
    }
}
