using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace EncodeFarm.Media.Tools.Unix;

/// <summary>Takes the exit status of our own children, and of no others, when the kernel says that some child has ended.</summary>
internal static class ChildReaper
{
    private static readonly ConcurrentDictionary<int, ChildProcess> Children = new();

    // Kept for the life of the process: a registration that is collected stops listening.
    private static PosixSignalRegistration? registration;

    internal static int Count => Children.Count;

    /// <summary>Called once, on a thread that lives as long as the process, before the first child is started.</summary>
    internal static void Listen()
    {
        Libc.LetChildSignalsIn();
#pragma warning disable CA1416 // The runner refuses to work on Windows.
        registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => ReapAll());
#pragma warning restore CA1416
        // The kernel ends a child whose parent is gone, but not what that child has started (a wrapper's tool).
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
    }

    private static void KillAll()
    {
        foreach (var child in Children.Values)
            child.Signal(Libc.SignalKill);
    }

    internal static void Watch(ChildProcess child)
    {
        Children[child.Id] = child;
        // It may have ended before it was listed.
        Reap(child);
    }

    // Signals are merged by the kernel: one may stand for several children.
    private static void ReapAll()
    {
        foreach (var child in Children.Values)
            Reap(child);
    }

    /// <summary>True when the child has ended.</summary>
    internal static bool Reap(ChildProcess child)
    {
        if (!child.TryReap())
            return false;
        Children.TryRemove(KeyValuePair.Create(child.Id, child));
        child.TellExit();
        return true;
    }
}
