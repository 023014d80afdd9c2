namespace EncodeFarm.Persistence;

/// <summary>
/// One process per job directory. The lock belongs to the operating system and dies with the process, however it dies;
/// the files stay. Programs that the process starts do not inherit it.
/// </summary>
public sealed class JobLock : IDisposable
{
    public const string FileName = "farm.lock";

    /// <summary>The holder's process id; apart from the lock, because a locked file can't be read by others.</summary>
    public const string HolderFileName = "farm.pid";

    private readonly string _directory;
    private readonly FileStream _file;

    private JobLock(string directory, FileStream file)
    {
        _directory = directory;
        _file = file;
    }

    /// <param name="directory">Must exist.</param>
    /// <exception cref="AlreadyRunningException">Another process (or this one) holds it.</exception>
    public static JobLock Acquire(string directory)
    {
        var file = Lock(directory);
        try
        {
            WriteHolder(directory);
            return new JobLock(directory, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        File.Delete(Path.Combine(_directory, HolderFileName));
        _file.Dispose();
    }

    private static FileStream Lock(string directory)
    {
        try
        {
            return new FileStream(
                Path.Combine(directory, FileName),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (IOException refused) when (IsHeld(refused))
        {
            throw new AlreadyRunningException(directory, ReadHolder(directory), refused);
        }
    }

    /// <summary>Renamed into place, so that nobody reads half of it.</summary>
    private static void WriteHolder(string directory)
    {
        var path = Path.Combine(directory, HolderFileName);
        File.WriteAllText($"{path}.new", Environment.ProcessId.ToString());
        File.Move($"{path}.new", path, overwrite: true);
    }

    /// <summary>EWOULDBLOCK of Linux and macOS, and the sharing violation of Windows.</summary>
    private static bool IsHeld(IOException refused) =>
        refused.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static int? ReadHolder(string directory)
    {
        try
        {
            var holder = File.ReadAllText(Path.Combine(directory, HolderFileName));
            return int.TryParse(holder, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <param name="pid">Null in the moment between its locking and its writing down the id.</param>
public sealed class AlreadyRunningException(string directory, int? pid, Exception inner)
    : Exception(
        $"The job in '{directory}' is already running, {(pid is null ? "in another process" : $"pid {pid}")}.",
        inner
    )
{
    public string Directory { get; } = directory;

    public int? Pid { get; } = pid;
}
