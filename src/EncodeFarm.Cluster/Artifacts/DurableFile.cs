using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>Files that are there after a power cut, whole or not at all.</summary>
public static partial class DurableFile
{
    /// <summary>Flushes the file to the disk, moves it to its name, and makes the name durable.</summary>
    /// <param name="temporary">On the same file system as <paramref name="destination"/>.</param>
    /// <exception cref="IOException"><paramref name="destination"/> exists, or the disk is full.</exception>
    public static void Publish(string temporary, string destination)
    {
        using (var handle = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(handle);
        }
        File.Move(temporary, destination, overwrite: false);
        FlushDirectory(Path.GetDirectoryName(destination)!);
    }

    /// <summary>Writes a small file so that readers see the old content or the new, never a part.</summary>
    public static void Write(string destination, ReadOnlySpan<byte> content)
    {
        var temporary = $"{destination}.tmp";
        using (
            var handle = File.OpenHandle(
                temporary,
                FileMode.Create,
                FileAccess.Write,
                FileShare.None
            )
        )
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }
        File.Move(temporary, destination, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(destination)!);
    }

    /// <summary>Makes renames in a directory durable. Where directories can't be opened (Windows) there is nothing to do.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        const int readOnly = 0;
        var descriptor = Open(directory, readOnly, 0);
        if (descriptor < 0)
        {
            return;
        }
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = Fsync(descriptor);
    }

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        StringMarshalling = StringMarshalling.Utf8,
        SetLastError = true
    )]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);
}
