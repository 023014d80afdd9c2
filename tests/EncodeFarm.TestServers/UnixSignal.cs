using System.Runtime.InteropServices;

namespace EncodeFarm.TestServers;

/// <summary>Sent with kill(2): the program of that name would have to be started first, and who shall be hit could be gone by then.</summary>
public static partial class UnixSignal
{
    static readonly Dictionary<string, int> Numbers = new()
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["KILL"] = 9,
        ["TERM"] = 15,
        ["CONT"] = 18,
        ["STOP"] = 19,
    };

    /// <param name="process">Negative for the group of that number.</param>
    /// <returns>False where there is none.</returns>
    public static bool Send(string signal, int process) => Kill(process, Numbers[signal]) == 0;

    /// <param name="process">Negative for any of that group.</param>
    public static bool IsThere(int process) => Kill(process, 0) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
