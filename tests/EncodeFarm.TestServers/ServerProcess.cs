using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EncodeFarm.TestServers;

/// <summary>A server on loopback that runs: the program and what it starts, which are a process group of their own.</summary>
sealed partial class ServerProcess : IDisposable
{
    const int KillSignal = 9;

    readonly Process _process;
    readonly int _group;
    readonly AtSignal _atSignal;

    ServerProcess(Process process)
    {
        _process = process;
        _group = process.Id;
        _atSignal = new AtSignal(Kill);
    }

    /// <summary>Returns when its port accepts. What it said is the error when it ends before that.</summary>
    public static async Task<ServerProcess> StartAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        string directory,
        int port,
        TimeSpan limit
    )
    {
        var start = new ProcessStartInfo("setsid", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var server = new ServerProcess(Process.Start(start)!);
        try
        {
            await server.ReadyAsync(port, limit);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    async Task ReadyAsync(int port, TimeSpan startLimit)
    {
        var said = Task.WhenAll(
            _process.StandardOutput.ReadToEndAsync(),
            _process.StandardError.ReadToEndAsync()
        );
        using var limit = new CancellationTokenSource(startLimit);
        for (var wait = TimeSpan.FromMilliseconds(50); ; wait *= 1.2)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException(string.Join('\n', await said));
            }
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(wait, limit.Token);
            }
        }
    }

    /// <summary>Ends it without any good-bye.</summary>
    public void Dispose()
    {
        _atSignal.Dispose();
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    void Kill() => _ = Signal(-_group, KillSignal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int id, int signal);
}
