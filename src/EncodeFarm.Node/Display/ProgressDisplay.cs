using Spectre.Console;

namespace EncodeFarm.Node.Display;

public enum ProgressMode
{
    /// <summary>Bars that move.</summary>
    Live,

    /// <summary>A line now and then.</summary>
    Plain,

    None,
}

/// <summary>
/// Shows progress and messages on standard error, without one spoiling the other. It draws when something has
/// changed, at most every <see cref="LiveInterval"/> (bars) or <see cref="PlainInterval"/> (lines); in between it sleeps.
/// </summary>
public sealed class ProgressDisplay : IAsyncDisposable
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    private readonly ProgressMode _mode;
    private readonly TextWriter _error;
    private readonly Action<string> _line;
    private readonly Func<FarmView> _view;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _ending = new();
    private readonly IAnsiConsole? _console;
    private readonly Task _drawing;
    private readonly HashSet<string> _lastLines = [];

    /// <param name="error">Where bars and messages go.</param>
    /// <param name="line">Gets the lines of <see cref="ProgressMode.Plain"/>.</param>
    /// <param name="view">Called on another thread, when it is time to draw.</param>
    public ProgressDisplay(
        ProgressMode mode,
        TextWriter error,
        Action<string> line,
        Func<FarmView> view,
        TimeProvider time
    )
    {
        (_mode, _error, _line, _view, _time) = (mode, error, line, view, time);
        if (mode == ProgressMode.Live)
        {
            _console = AnsiConsole.Create(
                new AnsiConsoleSettings
                {
                    Out = new AnsiConsoleOutput(error),
                    Interactive = InteractionSupport.No,
                    Ansi = AnsiSupport.Yes,
                }
            );
        }
        _drawing = mode switch
        {
            ProgressMode.Live => Task.Run(DrawBarsAsync),
            ProgressMode.Plain => Task.Run(WriteLinesAsync),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>Something has changed; cheap, from any thread.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    /// <summary>Writes a message above the bars.</summary>
    public void WriteLine(string line)
    {
        if (_console is null)
        {
            lock (_gate)
            {
                _error.WriteLine(line);
            }
        }
        else
        {
            _console.Write(new Text(line + "\n"));
        }
    }

    /// <summary>Takes the bars away.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _drawing;
        _changed.Dispose();
        _ending.Dispose();
    }

    private async Task DrawBarsAsync() =>
        await _console!
            .Live(LiveView.Of(_view()))
            .AutoClear(true)
            .StartAsync(async live =>
                await EachChangeAsync(LiveInterval, () => live.UpdateTarget(LiveView.Of(_view())))
            );

    private Task WriteLinesAsync() => EachChangeAsync(PlainInterval, WriteNewLines);

    private void WriteNewLines()
    {
        var lines = PlainView.Of(_view()).ToList();
        foreach (var line in lines.Where(line => !_lastLines.Contains(line)))
        {
            _line(line);
        }
        _lastLines.Clear();
        _lastLines.UnionWith(lines);
    }

    private async Task EachChangeAsync(TimeSpan interval, Action draw)
    {
        try
        {
            while (true)
            {
                await _changed.WaitAsync(_ending.Token);
                draw();
                await Task.Delay(interval, _time, _ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The display has ended.
        }
    }
}
