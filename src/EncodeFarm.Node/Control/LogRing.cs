using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Control;

/// <summary>A line of the node's log.</summary>
public sealed record LogLine(DateTimeOffset At, LogLevel Level, string Text);

/// <summary>
/// The newest lines of a node's log in memory. Writing never waits: who reads too slowly loses lines, and is told how
/// many. Safe from any thread.
/// </summary>
/// <param name="kept">Lines that are remembered.</param>
/// <param name="ahead">Lines that a reader may be behind.</param>
public sealed class LogRing(int kept = 1000, int ahead = 1000)
{
    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly List<Backlog<LogLine>> _readers = [];

    public void Write(LogLine line)
    {
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > kept)
            {
                _lines.Dequeue();
            }
            foreach (var reader in _readers)
            {
                reader.Write(line);
            }
        }
    }

    /// <summary>The newest lines, oldest first.</summary>
    public IReadOnlyList<LogLine> Last(int lines)
    {
        lock (_gate)
        {
            return [.. _lines.TakeLast(lines)];
        }
    }

    /// <summary>Every line from now on, until the caller ends it.</summary>
    public async IAsyncEnumerable<Tailed<LogLine>> TailAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var reader = new Backlog<LogLine>(ahead);
        lock (_gate)
        {
            _readers.Add(reader);
        }
        try
        {
            await foreach (var line in reader.ReadAsync(cancellation))
            {
                yield return line;
            }
        }
        finally
        {
            lock (_gate)
            {
                _readers.Remove(reader);
            }
        }
    }
}
