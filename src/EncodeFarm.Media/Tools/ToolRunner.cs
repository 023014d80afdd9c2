using System.Collections;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>Starts the external programs on Linux and macOS; safe for any number of runs at once, and holds no thread while one runs.</summary>
public sealed class ToolRunner(TimeProvider? time = null) : IToolRunner
{
    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <summary>Name of the variable that tells which job a process belongs to; see <see cref="OrphanSweep"/>.</summary>
    public const string JobVariable = "ENCODEFARM_JOB";

    /// <summary>What <see cref="JobVariable"/> is set to in each child; null leaves it alone.</summary>
    public string? JobMarker { get; init; }

    /// <summary>
    /// Called once for each command that has ended, whatever its end was, from any thread and for several at once; must
    /// not throw.
    /// </summary>
    public Action<CommandRecord>? OnCommand { get; init; }

    /// <inheritdoc/>
    /// <exception cref="PlatformNotSupportedException">Not Linux or macOS.</exception>
    public async Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation)
    {
        RequireUnix();
        Check(command);
        cancellation.ThrowIfCancellationRequested();
        var started = time.GetUtcNow();
        var clock = time.GetTimestamp();
        var run = await StartAsync(command, started);
        using (run)
        {
            var end = await run.FinishAsync(cancellation);
            var wall = time.GetElapsedTime(clock);
            Record(command, started, wall, end);
            return Judge(command, wall, end, cancellation);
        }
    }

    private async Task<ToolRun> StartAsync(ToolCommand command, DateTimeOffset started)
    {
        try
        {
            if (!SearchPath.IsExecutable(command.Program))
                throw new IOException("no such program, or it is not executable");
            if (command.Directory is { } directory && !Directory.Exists(directory))
                throw new IOException($"there is no directory {directory}");
            var plan = new SpawnPlan(
                CommandChain.Build(command),
                ChildEnvironment(command),
                command.Directory
            );
            var child = await ChildProcess.StartAsync(plan);
            return new ToolRun(command, child, time);
        }
        catch (IOException exception)
        {
            var message = $"{command.Program} could not be started: {exception.Message}.";
            OnCommand?.Invoke(
                new CommandRecord(
                    command,
                    started,
                    TimeSpan.Zero,
                    ProcessId: null,
                    ExitCode: null,
                    ToolFailureKind.NotStarted,
                    Cancelled: false,
                    CpuSeconds: null,
                    PeakMemoryBytes: null,
                    message
                )
            );
            throw new ToolFailedException(
                command,
                ToolFailureKind.NotStarted,
                exitCode: null,
                message,
                errorTail: "",
                cpuSeconds: null
            );
        }
    }

    private void Record(
        ToolCommand command,
        DateTimeOffset started,
        TimeSpan wall,
        ToolRunEnd end
    ) =>
        OnCommand?.Invoke(
            new CommandRecord(
                command,
                started,
                wall,
                end.ProcessId,
                end.Exit.ExitCode,
                end.Failure,
                end.Cancelled,
                end.Exit.CpuSeconds,
                end.Exit.PeakMemoryBytes,
                end.ErrorTail
            )
        );

    private static ToolResult Judge(
        ToolCommand command,
        TimeSpan wall,
        ToolRunEnd end,
        CancellationToken cancellation
    )
    {
        if (end.Cancelled)
            throw new ToolCancelledException(end.Exit.CpuSeconds, cancellation);
        if (end.Failure is { } kind)
            throw new ToolFailedException(
                command,
                kind,
                end.Exit.ExitCode,
                FailureClassifier.Describe(command, kind, end.Exit, end.LastWords),
                end.LastWords,
                end.Exit.CpuSeconds
            )
            {
                Signal = end.Exit.Signal,
            };
        end.ReceiverFault?.Throw();
        return new ToolResult(
            end.Output,
            end.ErrorTail,
            end.Exit.CpuSeconds,
            end.Exit.PeakMemoryBytes,
            wall
        )
        {
            ExitCode = end.Exit.ExitCode ?? 0,
        };
    }

    // Messages in English, decimal points, and file names in UTF-8, whatever the user's locale: mkvmerge reads its
    // arguments in the locale's character set.
    private string[] ChildEnvironment(ToolCommand command)
    {
        var variables = Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);
        variables["LC_ALL"] = OperatingSystem.IsLinux() ? "C.UTF-8" : "en_US.UTF-8";
        // gettext prefers it to the locale.
        variables.Remove("LANGUAGE");
        if (JobMarker is not null)
            variables[JobVariable] = JobMarker;
        foreach (var (name, value) in command.Environment ?? new Dictionary<string, string>())
            variables[name] = value;
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static void Check(ToolCommand command)
    {
        var texts = command.Arguments.Append(command.Program).Append(command.Directory ?? "");
        if (texts.Any(text => text.Contains('\0')))
            throw new ArgumentException("An argument holds a zero byte.", nameof(command));
        if (command is { OnProgress: not null, OnOutputLine: not null })
            throw new ArgumentException(
                "Standard output can have one receiver only.",
                nameof(command)
            );
    }

    private static void RequireUnix()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            throw new PlatformNotSupportedException(
                "EncodeFarm starts external programs on Linux and macOS only. On Windows run it in WSL or in a container."
            );
    }
}
