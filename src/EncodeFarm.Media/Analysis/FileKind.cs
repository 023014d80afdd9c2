using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EncodeFarm.Media.Analysis;

/// <summary>Tells files from pipes, sockets and devices without opening them: opening a pipe waits for its writer.</summary>
internal static partial class FileKind
{
    private const int CurrentDirectory = -100;
    private const uint TypeOnly = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    /// <summary>True for regular files, and where the system can't tell; symbolic links are followed.</summary>
    public static bool IsRegular(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }
        Span<byte> result = stackalloc byte[256];
        if (StatX(CurrentDirectory, path, 0, TypeOnly, ref result[0]) != 0)
        {
            return true;
        }
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(result[ModeOffset..]);
        return (mode & TypeMask) == RegularFile;
    }

    /// <summary>statx(2), whose result has the same layout on every processor.</summary>
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(
        int directory,
        string path,
        int flags,
        uint mask,
        ref byte result
    );
}
