using System.Diagnostics;

namespace EncodeFarm.Persistence.Tests;

/// <summary>This test program once more, as another process in one of the <see cref="ChildRole"/>s.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    public ChildProcess(string mode, string directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "child", mode, directory },
        };
        _process = Process.Start(start)!;
    }

    public int Id => _process.Id;

    /// <summary>Null at the end of its output.</summary>
    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>SIGKILL; completes when the process is gone.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
