using System.Runtime.ExceptionServices;
using System.Text;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>How a run ended.</summary>
/// <param name="LastWords">Standard error, or standard output where that is empty: mkvmerge prints its errors there.</param>
/// <param name="ReceiverFault">What a receiver of the output threw; the program was stopped for it.</param>
internal sealed record ToolRunEnd(
    int ProcessId,
    ChildExit Exit,
    ToolFailureKind? Failure,
    bool Cancelled,
    string Output,
    string ErrorTail,
    string LastWords,
    ExceptionDispatchInfo? ReceiverFault
);

/// <summary>One run from its start to its end: moves the output, watches the clock, stops the program when it must.</summary>
internal sealed class ToolRun(ToolCommand command, ChildProcess child, TimeProvider time)
    : IDisposable
{
    private const int TailBytes = 32 * 1024;
    private const int TailLines = 40;
    private const int BufferBytes = 16 * 1024;

    private readonly TailBuffer errorTail = new(TailBytes);
    private readonly Queue<string> lastLines = new();
    private readonly StringBuilder output = new();
    private readonly Lock stopping = new();
    private StopReason stopReason;
    private long seenPeakBytes;
    private long heard;
    private (long Heard, long CpuTicks)? lastSigns;
    private ITimer? stallTimer;
    private ITimer? killTimer;

    private enum StopReason
    {
        None,
        Cancelled,
        Stalled,
        TimeLimit,
        OutOfMemory,
        ReceiverFailed,
    }

    internal async Task<ToolRunEnd> FinishAsync(CancellationToken cancellation)
    {
        using var timeTimer = Arm(command.TimeLimit, StopReason.TimeLimit);
        using var silenceTimer = ArmSilence();
        stallTimer = Arm(command.StallLimit, StopReason.Stalled);
        using var registration = cancellation.UnsafeRegister(_ => StopGracefully(), null);

        var outputDone = Guard(ReceiveOutputAsync());
        var errorDone = Guard(
            command.OnErrorLine is { } line ? ReadErrorLinesAsync(line) : ReadErrorAsync()
        );
        var exit = await child.Exited;
        var outputFault = await outputDone;
        var errorFault = await errorDone;
        return End(exit, outputFault ?? errorFault);
    }

    public void Dispose()
    {
        stallTimer?.Dispose();
        killTimer?.Dispose();
        child.Dispose();
    }

    private ToolRunEnd End(ChildExit exit, ExceptionDispatchInfo? fault)
    {
        var error = errorTail.ToString();
        var words = string.IsNullOrWhiteSpace(error) ? LastOutput() : error;
        var good = exit.ExitCode is { } code && command.GoodExitCodes.Contains(code);
        if (stopReason == StopReason.Cancelled && WasLeaving(exit))
            stopReason = StopReason.None;
        ToolFailureKind? failure = stopReason switch
        {
            StopReason.Cancelled or StopReason.ReceiverFailed => null,
            _ when good => null,
            StopReason.Stalled => ToolFailureKind.Stalled,
            StopReason.TimeLimit => ToolFailureKind.TimeLimit,
            StopReason.OutOfMemory => ToolFailureKind.OutOfMemory,
            _ => FailureClassifier.Classify(exit, words),
        };
        return new ToolRunEnd(
            child.Id,
            exit with
            {
                PeakMemoryBytes = PeakMemory(exit),
            },
            failure,
            stopReason == StopReason.Cancelled,
            output.ToString(),
            error,
            words,
            fault
        );
    }

    // Whoever is killed leaves no exit code: one that has left it was on its way out, and was only not gone yet.
    private bool WasLeaving(ChildExit exit) =>
        command.StopGrace <= TimeSpan.Zero && exit.ExitCode is not null;

    private long? PeakMemory(ChildExit exit) =>
        seenPeakBytes > (exit.PeakMemoryBytes ?? 0) ? seenPeakBytes : exit.PeakMemoryBytes;

    private string LastOutput()
    {
        if (output.Length == 0)
            return string.Join('\n', lastLines);
        var length = Math.Min(output.Length, TailBytes);
        return output.ToString(output.Length - length, length);
    }

    private Task ReceiveOutputAsync()
    {
        if (command.OnProgress is { } progress)
            return ReadProgressAsync(progress);
        return command.OnOutputLine is { } line ? ReadLinesAsync(line) : ReadTextAsync();
    }

    private async Task ReadTextAsync()
    {
        using var reader = new StreamReader(child.Output, Encoding.UTF8, false, BufferBytes, true);
        var buffer = new char[BufferBytes];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            output.Append(buffer, 0, count);
            Progressed();
        }
    }

    private async Task ReadLinesAsync(Action<string> receive)
    {
        using var reader = new StreamReader(child.Output, Encoding.UTF8, false, BufferBytes, true);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (lastLines.Count == TailLines)
                lastLines.Dequeue();
            lastLines.Enqueue(line);
            Progressed();
            receive(line);
        }
    }

    private async Task ReadProgressAsync(Action<FfmpegProgress> receive)
    {
        var parser = new ProgressParser();
        using var reader = new StreamReader(child.Output, Encoding.UTF8, false, BufferBytes, true);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (parser.Read(line) is not { } progress)
                continue;
            if (parser.Advanced)
                Progressed();
            WatchMemory();
            receive(progress);
        }
    }

    private async Task ReadErrorAsync()
    {
        var buffer = new byte[BufferBytes];
        int count;
        while ((count = await child.Error.ReadAsync(buffer)) > 0)
        {
            errorTail.Append(buffer.AsSpan(0, count));
            Interlocked.Increment(ref heard);
        }
    }

    private async Task ReadErrorLinesAsync(Action<string> receive)
    {
        using var reader = new StreamReader(child.Error, Encoding.UTF8, false, BufferBytes, true);
        while (await reader.ReadLineAsync() is { } line)
        {
            errorTail.Append(Encoding.UTF8.GetBytes(line + '\n'));
            Interlocked.Increment(ref heard);
            receive(line);
        }
    }

    private async Task<ExceptionDispatchInfo?> Guard(Task work)
    {
        try
        {
            await work;
            return null;
        }
        catch (Exception exception)
        {
            // The program would wait for a reader for ever.
            Kill(StopReason.ReceiverFailed);
            return ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void Progressed()
    {
        Interlocked.Increment(ref heard);
        stallTimer?.Change(command.StallLimit!.Value, Timeout.InfiniteTimeSpan);
    }

    private void WatchSilence()
    {
        if (child.ReadCpuTicks() is not { } ticks)
            return;
        var signs = (Interlocked.Read(ref heard), ticks);
        if (signs == lastSigns)
            Kill(StopReason.Stalled);
        lastSigns = signs;
    }

    private void WatchMemory()
    {
        if (child.ReadPeakMemory() is not { } bytes)
            return;
        seenPeakBytes = Math.Max(seenPeakBytes, bytes);
        if (bytes > command.MemoryLimitBytes)
            Kill(StopReason.OutOfMemory);
    }

    private ITimer? Arm(TimeSpan? limit, StopReason reason) =>
        limit is { } after
            ? time.CreateTimer(_ => Kill(reason), null, after, Timeout.InfiniteTimeSpan)
            : null;

    private ITimer? ArmSilence() =>
        command.SilenceLimit is { } step
            ? time.CreateTimer(_ => WatchSilence(), null, step, step)
            : null;

    private void StopGracefully()
    {
        var signal = command.StopGrace > TimeSpan.Zero ? Libc.SignalTerminate : Libc.SignalKill;
        if (!Stop(StopReason.Cancelled, signal) || signal == Libc.SignalKill)
            return;
        killTimer = time.CreateTimer(
            _ => child.Signal(Libc.SignalKill),
            null,
            command.StopGrace,
            Timeout.InfiniteTimeSpan
        );
    }

    private void Kill(StopReason reason) => Stop(reason, Libc.SignalKill);

    // The first reason is the cause, what comes later follows from it. A program that has ended by itself was not
    // stopped: its own exit status counts.
    private bool Stop(StopReason reason, int signal)
    {
        lock (stopping)
        {
            if (!child.Signal(signal))
                return false;
            if (stopReason == StopReason.None)
                stopReason = reason;
            return true;
        }
    }
}
