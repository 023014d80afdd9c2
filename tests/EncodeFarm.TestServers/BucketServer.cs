using System.Globalization;

namespace EncodeFarm.TestServers;

/// <summary>
/// A private S3 server (s3rver) on loopback, with its data in a temporary directory; started by the first test that asks,
/// stopped after the last.
/// </summary>
public sealed class BucketServer : IAsyncDisposable
{
    public const string Bucket = "farm";

    /// <summary>The access key and the secret one.</summary>
    public const string Key = "S3RVER";

    /// <summary>1 s on a quiet machine.</summary>
    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    static readonly string Program = Path.Combine(
        Repository.Root,
        "tools/node_modules/s3rver/bin/s3rver.js"
    );

    readonly SemaphoreSlim _gate = new(1);
    TestDirectory? _directory;
    AtSignal? _atSignal;
    ServerProcess? _server;
    int _port;

    public Uri Address =>
        new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>Where the server keeps an object's content.</summary>
    public string PlaceOf(string key) =>
        Path.Combine(_directory!.Path, Bucket, $"{key}._S3rver_object");

    /// <summary>Starts it unless it runs. Skips the test where the server is not installed.</summary>
    public async Task RunningAsync()
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
    }

    async Task StartAsync()
    {
        _directory = new TestDirectory("encodefarm-bucket");
        _atSignal = new AtSignal(End);
        _port = FreePorts.One();
        string[] arguments =
        [
            // It makes its page tokens with DES, which OpenSSL 3 has put away.
            "--openssl-legacy-provider",
            Program,
            "--directory",
            _directory.Path,
            "--address",
            "127.0.0.1",
            "--port",
            _port.ToString(CultureInfo.InvariantCulture),
            "--no-vhost-buckets",
            "--silent",
            "--configure-bucket",
            Bucket,
        ];
        _server = await ServerProcess.StartAsync(
            "node",
            arguments,
            new Dictionary<string, string>(),
            _directory.Path,
            _port,
            StartLimit
        );
    }

    public ValueTask DisposeAsync()
    {
        _atSignal?.Dispose();
        End();
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }

    void End()
    {
        _server?.Dispose();
        _server = null;
        _directory?.Dispose();
    }
}
