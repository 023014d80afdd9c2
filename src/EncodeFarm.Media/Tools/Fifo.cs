using System.Runtime.InteropServices;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>Named pipes between two programs. Opening one waits for the other side, which only the program's end can cut short.</summary>
public static class Fifo
{
    private const uint OwnerOnly = 0b110_000_000;

    /// <exception cref="IOException">It exists already, or the directory can't hold it.</exception>
    public static void Create(string path)
    {
        if (Libc.MakeFifo(path, OwnerOnly) != 0)
            throw new IOException(
                $"The named pipe {path} could not be made: {Marshal.GetLastPInvokeErrorMessage()}."
            );
    }
}
