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

    private readonly ProgressOutput _output;
    private readonly Func<FarmView> _view;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _ending = new();
    private readonly LiveRegion _region;
    private readonly Task _drawing;
    private readonly HashSet<string> _lastLines = [];

    /// <param name="view">Called on another thread, when it is time to draw.</param>
    public ProgressDisplay(ProgressOutput output, Func<FarmView> view, TimeProvider time)
    {
        (_output, _view, _time) = (output, view, time);
        _region = new LiveRegion(output.Error);
        _drawing = output.Mode switch
        {
            ProgressMode.Live => Task.Run(() => DrawAsync(DrawBars, LiveInterval, TimeSpan.Zero)),
            // What is over before the first line is due needs none: its report, or its error, says all.
            ProgressMode.Plain => Task.Run(() =>
                DrawAsync(WriteNewLines, PlainInterval, PlainInterval)
            ),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>Something has changed; cheap, from any thread.</summary>
    public void Changed()
    {
        lock (_changed)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    /// <summary>Writes a message, above the bars.</summary>
    public void WriteLine(string line) => _region.WriteAbove(line);

    /// <summary>Takes the bars away.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _drawing;
        _region.Draw("");
        _ending.Dispose();
    }

    private void DrawBars() =>
        _region.Draw(LiveView.Render(_view(), _output.Width(), _output.Color));

    private void WriteNewLines()
    {
        var lines = PlainView.Of(_view()).ToList();
        foreach (var line in lines.Where(line => !_lastLines.Contains(line)))
        {
            _output.Line(line);
        }
        _lastLines.Clear();
        _lastLines.UnionWith(lines);
    }

    private async Task DrawAsync(Action draw, TimeSpan interval, TimeSpan first)
    {
        try
        {
            await Task.Delay(first, _time, _ending.Token);
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

/// <param name="Error">Where bars and messages go.</param>
/// <param name="Line">Gets the lines of <see cref="ProgressMode.Plain"/>.</param>
/// <param name="Width">Columns of the terminal, now.</param>
public sealed record ProgressOutput(
    ProgressMode Mode,
    TextWriter Error,
    Action<string> Line,
    Func<int> Width,
    bool Color
);
