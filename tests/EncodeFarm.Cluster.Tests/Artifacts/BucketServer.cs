using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Tests.Artifacts;

[assembly: AssemblyFixture(typeof(BucketServer))]

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>
/// A private S3 server (s3rver) on loopback, with its data in a temporary directory; started by the first test that asks,
/// stopped after the last.
/// </summary>
public sealed class BucketServer : IAsyncDisposable
{
    const string Bucket = "farm";
    const string Key = "S3RVER";

    /// <summary>1 s on a quiet machine.</summary>
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    static readonly string Program = Path.Combine(
        RepositoryRoot(),
        "tools/node_modules/s3rver/bin/s3rver.js"
    );

    readonly SemaphoreSlim _gate = new(1);
    readonly List<PosixSignalRegistration> _signals = [];
    DirectoryInfo? _directory;
    Process? _server;
    int _port;

    public Uri Address =>
        new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>Where the server keeps an object's content.</summary>
    public string PlaceOf(string key) =>
        Path.Combine(_directory!.FullName, Bucket, $"{key}._S3rver_object");

    /// <summary>The bucket, in a folder of the caller's own. Skips the test where the server is not installed.</summary>
    public async Task<S3StoreOptions> NewFolderAsync()
    {
        Assert.SkipUnless(
            File.Exists(Program),
            $"The S3 server is not installed (no {Program}): ./farm setup --tests"
        );
        await _gate.WaitAsync();
        try
        {
            if (_server is null)
            {
                await StartAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
        return new S3StoreOptions(Bucket, Address, "us-east-1")
        {
            Folder = $"{Guid.NewGuid():N}",
            AccessKey = Key,
            SecretKey = Key,
        };
    }

    async Task StartAsync()
    {
        _directory = Directory.CreateTempSubdirectory("encodefarm-bucket-");
        _signals.AddRange(
            new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(signal =>
                PosixSignalRegistration.Create(signal, _ => End())
            )
        );
        _port = FreePort();
        string[] arguments =
        [
            // It makes its page tokens with DES, which OpenSSL 3 has put away.
            "--openssl-legacy-provider",
            Program,
            "--directory",
            _directory.FullName,
            "--address",
            "127.0.0.1",
            "--port",
            _port.ToString(CultureInfo.InvariantCulture),
            "--no-vhost-buckets",
            "--silent",
            "--configure-bucket",
            Bucket,
        ];
        _server = Process.Start(
            new ProcessStartInfo("node", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await ReadyAsync(
            Task.WhenAll(
                _server.StandardOutput.ReadToEndAsync(),
                _server.StandardError.ReadToEndAsync()
            )
        );
    }

    async Task ReadyAsync(Task<string[]> output)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        for (var wait = TimeSpan.FromMilliseconds(50); ; wait *= 1.2)
        {
            if (_server!.HasExited)
            {
                throw new InvalidOperationException(string.Join('\n', await output));
            }
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(wait, limit.Token);
            }
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EncodeFarm.sln")))
        {
            directory =
                directory.Parent
                ?? throw new InvalidOperationException("The tests must run inside the repository.");
        }
        return directory.FullName;
    }

    public ValueTask DisposeAsync()
    {
        _signals.ForEach(signal => signal.Dispose());
        End();
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Also when the tests are ended by a signal: then nobody disposes of fixtures.</summary>
    void End()
    {
        if (_server is not null)
        {
            _server.Kill();
            _server.WaitForExit();
            _server.Dispose();
        }
        _directory?.Delete(recursive: true);
    }
}
