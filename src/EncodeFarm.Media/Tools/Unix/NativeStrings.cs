using System.Runtime.InteropServices;
using System.Text;

namespace EncodeFarm.Media.Tools.Unix;

/// <summary>A null-terminated array of C strings, as <c>argv</c> and <c>envp</c> want it.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int count;

    internal NativeStrings(IReadOnlyList<string> values)
    {
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)values.Count + 1, (nuint)sizeof(byte*));
        for (count = 0; count < values.Count; count++)
            Pointer[count] = Copy(values[count]);
    }

    internal byte** Pointer { get; private set; }

    public void Dispose()
    {
        for (var index = 0; index < count; index++)
            NativeMemory.Free(Pointer[index]);
        NativeMemory.Free(Pointer);
        Pointer = null;
    }

    private static byte* Copy(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        var memory = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(value, new Span<byte>(memory, length));
        memory[length] = 0;
        return memory;
    }
}
