using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace EncodeFarm.TestServers;

/// <summary>
/// A private PostgreSQL server on loopback, with its data in a temporary directory; started by the first test that asks,
/// stopped after the last. PostgreSQL refuses to run as root, so there it becomes the user postgres.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Installations = "/usr/lib/postgresql";

    private readonly int _port = FreePorts.One();
    private readonly SemaphoreSlim _gate = new(1);
    private TestDirectory? _directory;
    private Process? _server;

    /// <summary>The connection string of a new, empty schema. Skips the test where PostgreSQL is not installed.</summary>
    public async Task<string> NewSchemaAsync()
    {
        Assert.SkipUnless(
            Directory.Exists(Installations),
            $"PostgreSQL is not installed (no {Installations})."
        );
        await _gate.WaitAsync();
        try
        {
            if (_server is null)
                await StartAsync();
        }
        finally
        {
            _gate.Release();
        }
        var schema = $"t{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(
            $"{ConnectionString(schema)};Pooling=false"
        );
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE SCHEMA {schema}", connection);
        await create.ExecuteNonQueryAsync();
        return ConnectionString(schema);
    }

    /// <summary>Ends all sessions and shuts down (SIGINT), as an administrator does.</summary>
    public Task StopAsync() => EndAsync("INT");

    /// <summary>Ends without saving anything (SIGKILL); the next start recovers from the log.</summary>
    public Task KillAsync() => EndAsync("KILL");

    /// <summary>Stops every process of it where it is (SIGSTOP): connections stay, and nobody answers.</summary>
    public void Freeze() => All("STOP");

    public void Thaw() => All("CONT");

    /// <summary>Its sessions are groups of their own, and children of the first process.</summary>
    private void All(string signal)
    {
        var first = _server!.Id;
        // Before anybody is counted: once it stands still it makes no more of them.
        UnixSignal.Send(signal, first);
        var children = Directory
            .EnumerateDirectories("/proc")
            .Select(path => Path.GetFileName(path))
            .Where(name => name.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture))
            .Where(id => ParentOf(id) == first);
        foreach (var id in children.ToList())
            UnixSignal.Send(signal, id);
    }

    /// <summary>The second field after the name, see proc(5); null where the process is gone.</summary>
    private static int? ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")
            );
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task StartAsync()
    {
        _directory ??= await CreateDataAsync();
        var arguments = string.Create(
            CultureInfo.InvariantCulture,
            $"-D {Data} -p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
        );
        _server = StartProgram("postgres", arguments.Split(' '));
        var ready = new TaskCompletionSource();
        var said = new List<string?>();
        _server.ErrorDataReceived += (_, line) =>
        {
            said.Add(line.Data);
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException(string.Join('\n', said)));
            else if (line.Data.Contains("database system is ready to accept connections"))
                ready.TrySetResult();
        };
        _server.BeginErrorReadLine();
        await ready.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await StopAsync();
        _directory?.Dispose();
        _gate.Dispose();
    }

    private string Data => _directory!.File("data");

    private string ConnectionString(string schema) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Host=127.0.0.1;Port={_port};Username=farm;Database=postgres;Search Path={schema}"
        );

    private async Task EndAsync(string signal)
    {
        using var server = _server!;
        Assert.True(UnixSignal.Send(signal, server.Id));
        await server.WaitForExitAsync();
        _server = null;
    }

    private static async Task<TestDirectory> CreateDataAsync()
    {
        var directory = new TestDirectory("encodefarm-postgres");
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            // The other user makes the data directory in it, closed to everybody else.
            File.SetUnixFileMode(directory.Path, (UnixFileMode)0x1FF);
        using var make = StartProgram(
            "initdb",
            "-D",
            directory.File("data"),
            "-U",
            "farm",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync"
        );
        var errors = make.StandardError.ReadToEndAsync();
        await make.WaitForExitAsync();
        Assert.True(make.ExitCode == 0, await errors);
        return directory;
    }

    private static Process StartProgram(string name, params string[] arguments)
    {
        var newest = Directory
            .GetDirectories(Installations)
            .OrderBy(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
            .Last();
        var program = Path.Combine(newest, "bin", name);
        string[] command = Environment.IsPrivilegedProcess
            ?
            [
                "setpriv",
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                program,
                .. arguments,
            ]
            : [program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        return Process.Start(start)!;
    }
}
