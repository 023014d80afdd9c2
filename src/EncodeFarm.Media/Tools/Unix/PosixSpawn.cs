namespace EncodeFarm.Media.Tools.Unix;

/// <summary>What a new process is made of.</summary>
/// <param name="Arguments">The program's absolute path, then its arguments.</param>
/// <param name="Environment">The whole environment, as NAME=value.</param>
internal sealed record SpawnPlan(
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string? Directory
);

/// <summary>Starts a process in a group of its own, with default signals and an empty standard input.</summary>
internal static unsafe class PosixSpawn
{
    // Opaque structures: 80, 336 and 128 bytes with glibc and musl, less on macOS.
    private const int ActionsSize = 512;
    private const int AttributesSize = 1024;
    private const int SignalSetSize = 256;

    /// <summary>The new process's id.</summary>
    /// <exception cref="IOException">The operating system refused.</exception>
    internal static int Start(SpawnPlan plan, int output, int error)
    {
        var actions = stackalloc byte[ActionsSize];
        var attributes = stackalloc byte[AttributesSize];
        Libc.InitActions(actions);
        Libc.InitAttributes(attributes);
        try
        {
            using var arguments = new NativeStrings(plan.Arguments);
            using var environment = new NativeStrings(plan.Environment);
            using var directory = new NativeStrings(plan.Directory is { } path ? [path] : []);
            Libc.AddDuplicate(actions, output, 1);
            Libc.AddDuplicate(actions, error, 2);
            Libc.AddOpen(actions, 0, "/dev/null", flags: 0, mode: 0);
            if (plan.Directory is not null)
                Libc.AddChangeDirectory(actions, directory.Pointer[0]);
            SetAttributes(attributes);
            var failure = Libc.Spawn(
                out var pid,
                arguments.Pointer[0],
                actions,
                attributes,
                arguments.Pointer,
                environment.Pointer
            );
            return failure == 0 ? pid : throw new IOException(Libc.ErrorText(failure));
        }
        finally
        {
            Libc.DestroyActions(actions);
            Libc.DestroyAttributes(attributes);
        }
    }

    // A group of its own: the terminal's Ctrl-C reaches the farm alone, which then stops its children gracefully.
    // Default signals: .NET ignores SIGPIPE, and ignored signals stay ignored in a new program.
    private static void SetAttributes(byte* attributes)
    {
        var signals = stackalloc byte[SignalSetSize];
        Libc.FillSignals(signals);
        Libc.SetSignalDefaults(attributes, signals);
        Libc.EmptySignals(signals);
        Libc.SetSignalMask(attributes, signals);
        Libc.SetProcessGroup(attributes, 0);
        var flags =
            Libc.SpawnSetProcessGroup | Libc.SpawnSetSignalDefaults | Libc.SpawnSetSignalMask;
        if (OperatingSystem.IsMacOS())
            flags |= Libc.SpawnCloseOnExecDefault;
        Libc.SetFlags(attributes, (short)flags);
    }
}
