using System.Diagnostics;
using System.Globalization;
using System.Text;
using EncodeFarm.Contracts;

namespace EncodeFarm.Drills.Tests;

/// <summary>A node of a cluster: the built program in a process of its own, with its own work directory.</summary>
public sealed class FarmNode : IDisposable
{
    readonly Process _process;
    readonly StringBuilder _said = new();
    bool _disposed;

    FarmNode(
        string name,
        string listen,
        string? token,
        string? authority,
        string work,
        Process process
    )
    {
        (Name, Token, Authority, Work, _process) = (name, token, authority, work, process);
        Client = new FarmClient(listen, token, TimeSpan.FromSeconds(10), ServerTrust.Of(authority));
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    public string? Token { get; }

    /// <summary>PEM file with the authority of its certificate; null where it speaks plain HTTP.</summary>
    public string? Authority { get; }

    public string Work { get; }

    public int Id => _process.Id;

    public FarmClient Client { get; }

    public FarmApi Api => Client.Api;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    void Note(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }

    /// <param name="host">Where it runs; null for this machine's loopback.</param>
    /// <param name="token">Needed for whatever is not loopback.</param>
    public static FarmNode Start(
        string name,
        string work,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        TestHost? host = null,
        string? token = null,
        string? program = null
    )
    {
        var listen = host is null
            ? string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.One()}")
            : $"{host.Address}:9110";
        program ??= Path.Combine(
            Repository.Root,
            "artifacts/bin/EncodeFarm.Node/release/encodefarm"
        );
        string[] fixedArguments =
        [
            "node",
            "--name",
            name,
            "--work",
            work,
            "--listen",
            listen,
            "--verbose",
            .. token is null ? Array.Empty<string>() : ["--token", token],
        ];
        var start = new ProcessStartInfo(
            "setsid",
            [.. host?.Enter ?? [], program, .. fixedArguments, .. arguments]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }
        var authority = environment?.GetValueOrDefault("ENCODEFARM__TLS__AUTHORITY");
        return new FarmNode(name, listen, token, authority, work, Process.Start(start)!);
    }

    /// <summary>To the node alone; its tools die with it.</summary>
    public Task KillAsync() => SignalAsync("KILL");

    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    public Task TerminateAsync() => SignalAsync("TERM");

    async Task SignalAsync(string signal)
    {
        UnixSignal.Send(signal, Id);
        if (signal == "KILL")
        {
            await _process.WaitForExitAsync();
        }
    }

    public async Task EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Name} does not end. It said:\n{Said}");
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
        Client.Dispose();
    }
}
