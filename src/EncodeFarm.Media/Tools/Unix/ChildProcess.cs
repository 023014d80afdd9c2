using System.Net.Sockets;

namespace EncodeFarm.Media.Tools.Unix;

/// <summary>
/// One running program. Its output arrives through sockets, because .NET waits for those with epoll or kqueue, whereas
/// an asynchronous read from a pipe holds a thread.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource<ChildExit> exited = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly long ownPeakBytes = Libc.OwnPeakBytes();
    private ChildExit? exit;

    private ChildProcess(int pid, Stream output, Stream error)
    {
        Id = pid;
        Output = output;
        Error = error;
    }

    internal int Id { get; }
    internal Stream Output { get; }
    internal Stream Error { get; }
    internal Task<ChildExit> Exited => exited.Task;

    /// <exception cref="IOException">The operating system could not start it.</exception>
    internal static Task<ChildProcess> StartAsync(SpawnPlan plan) =>
        SpawnThread.Run(() => Start(plan));

    /// <summary>Sends a signal to the program and to whatever it started; false when it has ended before.</summary>
    internal bool Signal(int signal)
    {
        if (ChildReaper.Reap(this))
            return false;
        lock (gate)
            return exit is null && Libc.Kill(-Id, signal) == 0;
    }

    /// <summary>Takes the exit status if the program has ended; true when there is nothing left to wait for.</summary>
    internal bool TryReap()
    {
        lock (gate)
        {
            if (exit is not null)
                return true;
            var state = Libc.Look(Id);
            if (state == Libc.ChildState.Running)
                return false;
            exit = state == Libc.ChildState.Ended ? Reap() : ChildExit.Unknown;
            return true;
        }
    }

    /// <summary>Completes <see cref="Exited"/>, after the exit status was taken.</summary>
    internal void TellExit() => exited.TrySetResult(exit!);

    /// <summary>Its largest resident set so far, in bytes; null where the system doesn't tell while it runs.</summary>
    internal long? ReadPeakMemory()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        lock (gate)
            return exit is not null ? null : ProcFile.PeakMemory(Id);
    }

    /// <summary>The processor time it has taken so far, in clock ticks; null where the system doesn't tell while it runs.</summary>
    internal long? ReadCpuTicks()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        lock (gate)
            return exit is not null ? null : ProcFile.CpuTicks(Id);
    }

    public void Dispose()
    {
        Signal(Libc.SignalKill);
        Output.Dispose();
        Error.Dispose();
    }

    private ChildExit Reap()
    {
        // While it is not reaped its id can't be another's: end what it may have left behind in its group, for that
        // would hold our ends of the sockets open.
        Libc.Kill(-Id, Libc.SignalKill);
        return Libc.Reap(Id) is { } usage ? ChildExit.From(usage, ownPeakBytes) : ChildExit.Unknown;
    }

    private static ChildProcess Start(SpawnPlan plan)
    {
        var output = Libc.CreateSocketPair();
        var outputStream = Wrap(output.Ours);
        var error = CreateSecondPair(outputStream, output.Theirs);
        var errorStream = Wrap(error.Ours);
        try
        {
            var pid = PosixSpawn.Start(plan, output.Theirs, error.Theirs);
            var child = new ChildProcess(pid, outputStream, errorStream);
            ChildReaper.Watch(child);
            return child;
        }
        catch
        {
            outputStream.Dispose();
            errorStream.Dispose();
            throw;
        }
        finally
        {
            Libc.Close(output.Theirs);
            Libc.Close(error.Theirs);
        }
    }

    private static (int Ours, int Theirs) CreateSecondPair(Stream first, int firstTheirs)
    {
        try
        {
            return Libc.CreateSocketPair();
        }
        catch
        {
            first.Dispose();
            Libc.Close(firstTheirs);
            throw;
        }
    }

    private static NetworkStream Wrap(int descriptor) =>
        new(
            new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)),
            FileAccess.Read,
            ownsSocket: true
        );
}
