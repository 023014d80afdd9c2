using System.Text;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Node.Logging;

/// <summary>
/// The log of one job, in its directory: what happened, and every external command with its result. A later run
/// appends. Each entry reaches the file at once, so that it outlives a killed process.
/// </summary>
public sealed class JobLog : IDisposable
{
    public const string FileName = "job.log";

    private readonly TimeProvider _time;
    private readonly FileStream _file;
    private readonly Lock _gate = new();

    /// <exception cref="IOException">The file can't be written.</exception>
    public JobLog(string directory, TimeProvider time)
    {
        _time = time;
        _file = new FileStream(
            Path.Combine(directory, FileName),
            FileMode.Append,
            FileAccess.Write,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 0
        );
    }

    public void Write(string message) => Append(_time.GetUtcNow(), message);

    public void Write(CommandRecord record) =>
        Append(record.Started + record.Wall, Describe(record));

    /// <summary>"encode exit 0 12.3 s, CPU 22.1 s, 310 MiB: ffmpeg …", and what a failed command said last.</summary>
    public static string Describe(CommandRecord record)
    {
        var end = record switch
        {
            { Cancelled: true } => "cancelled",
            { ExitCode: { } code, Failure: null } => $"exit {code}",
            { ExitCode: { } code, Failure: { } failure } => $"exit {code} ({failure})",
            { Failure: { } failure } => $"{failure}",
            _ => "ended",
        };
        var cpu = record.CpuSeconds is { } seconds ? $", CPU {seconds:F2} s" : "";
        var memory = record.PeakMemoryBytes is { } bytes ? $", {bytes >> 20} MiB" : "";
        var line =
            $"{record.Command.Kind.ToString().ToLowerInvariant()}, {end}, {record.Wall.TotalSeconds:F2} s{cpu}{memory}: {CommandLine.Describe(record.Command)}";
        return record.Failure is null || record.ErrorTail.Length == 0
            ? line
            : $"{line}\n{record.ErrorTail.TrimEnd()}";
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
        }
    }

    /// <summary>Only entries begin at the margin, also where a file name holds a line break.</summary>
    private void Append(DateTimeOffset at, string message)
    {
        var time = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
        var entry = Encoding.UTF8.GetBytes($"{time} {message.ReplaceLineEndings("\n    ")}\n");
        lock (_gate)
        {
            try
            {
                _file.Write(entry);
            }
            catch (IOException)
            {
                // A full disk must not stop the work that may make room on it.
            }
        }
    }
}
