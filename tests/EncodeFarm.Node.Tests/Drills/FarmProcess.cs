using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>The built program, started as a user starts it, in a process group of its own.</summary>
public sealed class FarmProcess : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Process _process;
    readonly Task<string> _output;
    readonly Task<string> _errors;
    readonly Channel<string> _said = Channel.CreateUnbounded<string>();

    FarmProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = ReadErrorsAsync(process.StandardError);
    }

    async Task<string> ReadErrorsAsync(StreamReader reader)
    {
        var all = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            all.AppendLine(line);
            _said.Writer.TryWrite(line);
        }
        _said.Writer.Complete();
        return all.ToString();
    }

    public static FarmProcess Start(params IEnumerable<string> arguments) => Start([], arguments);

    /// <param name="variables">Added to the environment.</param>
    public static FarmProcess Start(
        IEnumerable<KeyValuePair<string, string>> variables,
        IEnumerable<string> arguments
    )
    {
        var start = new ProcessStartInfo("setsid", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }
        return new FarmProcess(Process.Start(start)!);
    }

    public static string Program { get; } =
        Path.Combine(Repository.Root, "artifacts/bin/EncodeFarm.Node/release/encodefarm");

    public int Id => _process.Id;

    /// <summary>Waits for the next line of standard error that holds the text.</summary>
    public async Task<string> HearAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var line in _said.Reader.ReadAllAsync(limit.Token))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }
        throw new InvalidOperationException($"It ended without '{text}': {await _errors}");
    }

    /// <summary>Waits for a good end.</summary>
    public async Task<FarmEnd> DeliveredAsync()
    {
        var end = await EndAsync();
        end.ExitCode.ShouldBe(0, end.Errors);
        end.Rendition.GetProperty("state").GetString().ShouldBe("Delivered");
        return end;
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<FarmEnd> EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return new FarmEnd(_process.ExitCode, await _output, await _errors);
    }

    /// <param name="signal">INT, TERM, …; to the farm alone, as its tools are in groups of their own.</param>
    public void Signal(string signal) => UnixSignal.Send(signal, Id);

    /// <summary>SIGKILL, to the farm alone or to its whole process group.</summary>
    /// <returns>False where it had ended before.</returns>
    public async Task<bool> KillAsync(bool group)
    {
        var alive = !_process.HasExited;
        UnixSignal.Send("KILL", group ? -Id : Id);
        await _process.WaitForExitAsync();
        return alive && _process.ExitCode == 128 + 9;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }
}

public sealed record FarmEnd(int ExitCode, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public JsonElement Rendition => Json.GetProperty("jobs")[0].GetProperty("renditions")[0];

    public string VideoSha256 => Rendition.GetProperty("videoSha256").GetString()!;
}
