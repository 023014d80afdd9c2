using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EncodeFarm.TestServers;

/// <summary>A server on loopback that runs: the program and what it starts, which are a process group of their own.</summary>
sealed class ServerProcess : IDisposable
{
    /// <summary>Between two looks whether it is ready.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

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
        for (var wait = TimeSpan.FromMilliseconds(50); ; wait = wait < Longest ? 1.2 * wait : wait)
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
        // What it started may hold its port and its files a little longer, and the next one would find them taken.
        for (var looks = 0; looks < 6000 && UnixSignal.IsThere(-_group); looks++)
        {
            Thread.Sleep(10);
        }
    }

    void Kill() => UnixSignal.Send("KILL", -_group);
}
