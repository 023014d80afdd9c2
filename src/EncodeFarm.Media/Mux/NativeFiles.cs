using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EncodeFarm.Media.Mux;

/// <summary>The few things about files that .NET has no call for.</summary>
internal static unsafe partial class NativeFiles
{
    private const string Library = "libc";

    private const int AtCurrentDirectory = -100;
    private const uint RenameNoReplace = 1;
    private const uint StatInode = 0x100;
    private const int ReadOnly = 0;

    private const int NotSupportedByFileSystem = 22; // EINVAL
    private const int NoSuchCall = 38; // ENOSYS
    private const int AlreadyExists = 17; // EEXIST
    private const int NotPermitted = 1; // EPERM

    /// <summary>What names a file whatever its path: device and inode.</summary>
    internal readonly record struct FileIdentity(uint Major, uint Minor, ulong Inode);

    /// <summary>True for anything of that name, also for a symbolic link that points nowhere.</summary>
    public static bool Exists(string path) =>
        Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>Follows symbolic links; null where there is no file, or no way to know.</summary>
    public static FileIdentity? Identity(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }
        // struct statx is the same on every architecture: stx_ino at 32, stx_dev_major and minor at 136 and 140.
        var buffer = stackalloc byte[256];
        if (StatX(AtCurrentDirectory, path, 0, StatInode, buffer) != 0)
        {
            return null;
        }
        var facts = new ReadOnlySpan<byte>(buffer, 256);
        return new FileIdentity(
            MemoryMarshal.Read<uint>(facts[136..]),
            MemoryMarshal.Read<uint>(facts[140..]),
            MemoryMarshal.Read<ulong>(facts[32..])
        );
    }

    /// <summary>Renames in one step unless the new name exists; then false.</summary>
    /// <exception cref="IOException">It could not be renamed for another reason.</exception>
    public static bool TryRenameNew(string from, string to)
    {
        if (!OperatingSystem.IsLinux())
        {
            return TryMoveNew(from, to);
        }
        if (RenameAt2(AtCurrentDirectory, from, AtCurrentDirectory, to, RenameNoReplace) == 0)
        {
            return true;
        }
        return Marshal.GetLastPInvokeError() switch
        {
            AlreadyExists => false,
            NoSuchCall or NotSupportedByFileSystem => TryLinkNew(from, to),
            var error => throw Failure(error),
        };
    }

    /// <summary>Makes a file's content last.</summary>
    public static void Flush(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Makes the names in a directory last.</summary>
    public static void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure(Marshal.GetLastPInvokeError());
        }
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        // File systems that can't (some network ones) say EINVAL, and keep names in their own way.
        if (FSync(descriptor) != 0 && Marshal.GetLastPInvokeError() != NotSupportedByFileSystem)
        {
            throw Failure(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>For file systems that know no rename without replacing (NFS): a second name, then the first one goes.</summary>
    internal static bool TryLinkNew(string from, string to)
    {
        if (AddName(from, to))
        {
            File.Delete(from);
            return true;
        }
        return Marshal.GetLastPInvokeError() switch
        {
            AlreadyExists => false,
            // No hard links either (FAT): look first, then rename.
            NotPermitted or NoSuchCall => TryMoveNew(from, to),
            var error => throw Failure(error),
        };
    }

    /// <summary>A second name (hard link) for a file; false leaves the reason in the last P/Invoke error.</summary>
    internal static bool AddName(string path, string name) => Link(path, name) == 0;

    private static bool TryMoveNew(string from, string to)
    {
        if (Exists(to))
        {
            return false;
        }
        File.Move(from, to, overwrite: false);
        return true;
    }

    private static IOException Failure(int error) =>
        new(Marshal.GetPInvokeErrorMessage(error), error);

    [LibraryImport(
        Library,
        EntryPoint = "renameat2",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    private static partial int RenameAt2(
        int fromDirectory,
        string from,
        int toDirectory,
        string to,
        uint flags
    );

    [LibraryImport(
        Library,
        EntryPoint = "link",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    private static partial int Link(string from, string to);

    [LibraryImport(
        Library,
        EntryPoint = "open",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    private static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport(
        Library,
        EntryPoint = "statx",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    private static partial int StatX(
        int directory,
        string path,
        int flags,
        uint mask,
        byte* result
    );
}
