using System.Globalization;

namespace EncodeFarm.Persistence;

/// <summary>
/// One process per job directory. The lock belongs to the operating system and dies with the process, however it dies;
/// the file stays and tells who holds it. Programs that the process starts do not inherit it.
/// </summary>
public sealed class JobLock : IDisposable
{
    public const string FileName = "farm.lock";

    private readonly FileStream _file;

    private JobLock(FileStream file) => _file = file;

    /// <param name="directory">Must exist.</param>
    /// <exception cref="AlreadyRunningException">Another process (or this one) holds it.</exception>
    public static JobLock Acquire(string directory)
    {
        var path = Path.Combine(directory, FileName);
        try
        {
            var file = new FileStream(
                path,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
            WriteHolder(file, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new JobLock(file);
        }
        catch (IOException refused) when (IsHeld(refused))
        {
            throw new AlreadyRunningException(directory, ReadHolder(path), refused);
        }
    }

    public void Dispose()
    {
        WriteHolder(_file, "");
        _file.Dispose();
    }

    private static void WriteHolder(FileStream file, string holder)
    {
        file.SetLength(0);
        file.Position = 0;
        file.Write(System.Text.Encoding.ASCII.GetBytes(holder));
        file.Flush();
    }

    /// <summary>EWOULDBLOCK of Linux and macOS, and the sharing violation of Windows.</summary>
    private static bool IsHeld(IOException refused) =>
        refused.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static int? ReadHolder(string path)
    {
        // Neither asks for a lock nor minds one.
        using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete
        );
        using var reader = new StreamReader(file);
        return int.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, out var pid)
            ? pid
            : null;
    }
}

/// <param name="pid">Null in the moment between its locking and its writing down the id.</param>
public sealed class AlreadyRunningException(string directory, int? pid, Exception inner)
    : Exception(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The job in '{directory}' is already running, {(pid is null ? "in another process" : $"pid {pid}")}."
        ),
        inner
    )
{
    public string Directory { get; } = directory;

    public int? Pid { get; } = pid;
}
