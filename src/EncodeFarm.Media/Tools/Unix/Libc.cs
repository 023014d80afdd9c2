using System.Runtime.InteropServices;

namespace EncodeFarm.Media.Tools.Unix;

/// <summary>The few calls of the C library that .NET has no counterpart for, on Linux and macOS.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    internal const int SignalKill = 9;
    internal const int SignalPipe = 13;
    internal const int SignalTerminate = 15;

    internal const short SpawnSetProcessGroup = 0x02;
    internal const short SpawnSetSignalDefaults = 0x04;
    internal const short SpawnSetSignalMask = 0x08;

    /// <summary>macOS: every descriptor that no file action names is closed in the child.</summary>
    internal const short SpawnCloseOnExecDefault = 0x4000;

    internal const int ExecutePermission = 1;

    private const nint DefaultHandler = 0;
    private const nint IgnoringHandler = 1;

    // Larger than sigset_t and struct sigaction are with glibc, musl and on macOS.
    private const int SignalSetSize = 256;
    private const int SignalActionSize = 512;

    private static readonly int SignalChild = OperatingSystem.IsLinux() ? 17 : 20;
    private static readonly int Unblock = OperatingSystem.IsLinux() ? 1 : 2;

    private const int AddressFamilyUnix = 1;
    private const int SocketStream = 1;
    private const int LinuxCloseOnExec = 0x80000;

    private const int WaitByProcess = 1;
    private const int WaitNoHang = 1;
    private const int WaitExited = 4;
    private const int LinuxWaitNoReap = 0x01000000;
    private const int MacWaitNoReap = 0x20;

    /// <summary>What the kernel knows about a process that has ended.</summary>
    /// <param name="PeakMemoryBytes">ru_maxrss; see <see cref="ChildExit"/> for when it can be believed.</param>
    internal readonly record struct Usage(int Status, double CpuSeconds, long PeakMemoryBytes);

    /// <summary>A connected pair of stream sockets that no other child inherits: (ours, the child's).</summary>
    internal static (int Ours, int Theirs) CreateSocketPair()
    {
        var pair = stackalloc int[2];
        var type = SocketStream | (OperatingSystem.IsLinux() ? LinuxCloseOnExec : 0);
        if (SocketPair(AddressFamilyUnix, type, 0, pair) != 0)
            throw new IOException($"socketpair: {Marshal.GetLastPInvokeErrorMessage()}");
        return (pair[0], pair[1]);
    }

    /// <summary>
    /// Whoever started the farm may have left SIGCHLD ignored or blocked, and both are inherited: undo it, for the process
    /// and for the calling thread.
    /// </summary>
    internal static void LetChildSignalsIn()
    {
        var action = stackalloc byte[SignalActionSize];
        // The handler is the first field everywhere.
        if (GetSignalAction(SignalChild, null, action) == 0 && *(nint*)action == IgnoringHandler)
            SetSignalHandler(SignalChild, DefaultHandler);
        var signals = stackalloc byte[SignalSetSize];
        EmptySignals(signals);
        AddSignal(signals, SignalChild);
        SetThreadSignalMask(Unblock, signals, null);
    }

    internal enum ChildState
    {
        Running,

        /// <summary>Ended, and its id is kept until it is reaped.</summary>
        Ended,

        /// <summary>Somebody else has reaped it: the id may be another's by now.</summary>
        Gone,
    }

    internal static ChildState Look(int pid)
    {
        var information = stackalloc int[64];
        new Span<int>(information, 64).Clear();
        var options =
            WaitExited | WaitNoHang | (OperatingSystem.IsLinux() ? LinuxWaitNoReap : MacWaitNoReap);
        if (WaitId(WaitByProcess, pid, information, options) != 0)
            return ChildState.Gone;
        // The first field, si_signo, stays 0 while the process runs.
        return information[0] == 0 ? ChildState.Running : ChildState.Ended;
    }

    /// <summary>Takes the exit status of a process that has ended; null when somebody else took it.</summary>
    internal static Usage? Reap(int pid)
    {
        int status;
        // struct rusage: two timevals, ru_maxrss, 13 counters; every field fills 8 bytes.
        var usage = stackalloc long[18];
        if (Wait4(pid, &status, WaitNoHang, usage) != pid)
            return null;
        return new Usage(status, Seconds(usage) + Seconds(usage + 2), PeakBytes(usage));
    }

    /// <summary>The largest resident set that this process has had so far, in bytes.</summary>
    internal static long OwnPeakBytes()
    {
        var usage = stackalloc long[18];
        return GetRUsage(0, usage) == 0 ? PeakBytes(usage) : long.MaxValue;
    }

    internal static string ErrorText(int error) => Marshal.GetPInvokeErrorMessage(error);

    // tv_usec is 32 bits wide on macOS, and below a million everywhere.
    private static double Seconds(long* timeval) => timeval[0] + (int)timeval[1] / 1e6;

    private static long PeakBytes(long* usage) =>
        OperatingSystem.IsLinux() ? usage[4] * 1024 : usage[4];

    [LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Library, EntryPoint = "waitid")]
    private static partial int WaitId(int idType, int id, int* information, int options);

    [LibraryImport(Library, EntryPoint = "wait4")]
    private static partial int Wait4(int pid, int* status, int options, long* usage);

    [LibraryImport(Library, EntryPoint = "getrusage")]
    private static partial int GetRUsage(int who, long* usage);

    [LibraryImport(Library, EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport(
        Library,
        EntryPoint = "access",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    internal static partial int Access(string path, int mode);

    [LibraryImport(
        Library,
        EntryPoint = "mkfifo",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    internal static partial int MakeFifo(string path, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn")]
    internal static partial int Spawn(
        out int pid,
        byte* path,
        void* actions,
        void* attributes,
        byte** arguments,
        byte** environment
    );

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int InitActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int DestroyActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int AddDuplicate(void* actions, int descriptor, int target);

    [LibraryImport(
        Library,
        EntryPoint = "posix_spawn_file_actions_addopen",
        StringMarshalling = StringMarshalling.Utf8
    )]
    internal static partial int AddOpen(
        void* actions,
        int target,
        string path,
        int flags,
        uint mode
    );

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    internal static partial int AddChangeDirectory(void* actions, byte* path);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    internal static partial int InitAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int DestroyAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SetFlags(void* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setpgroup")]
    internal static partial int SetProcessGroup(void* attributes, int group);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SetSignalMask(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SetSignalDefaults(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "sigaction")]
    private static partial int GetSignalAction(int signal, void* action, void* previous);

    [LibraryImport(Library, EntryPoint = "signal")]
    private static partial nint SetSignalHandler(int signal, nint handler);

    [LibraryImport(Library, EntryPoint = "pthread_sigmask")]
    private static partial int SetThreadSignalMask(int how, void* signals, void* previous);

    [LibraryImport(Library, EntryPoint = "sigaddset")]
    private static partial int AddSignal(void* signals, int signal);

    [LibraryImport(Library, EntryPoint = "sigemptyset")]
    internal static partial int EmptySignals(void* signals);

    [LibraryImport(Library, EntryPoint = "sigfillset")]
    internal static partial int FillSignals(void* signals);
}
