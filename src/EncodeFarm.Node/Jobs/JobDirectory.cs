using System.Globalization;

namespace EncodeFarm.Node.Jobs;

/// <summary>What is known of a job before its journal is opened.</summary>
public enum JobTrace
{
    /// <summary>It has never begun.</summary>
    None,

    /// <summary>It can go on.</summary>
    Begun,

    /// <summary>It was delivered, and what it delivered is still there.</summary>
    Delivered,

    /// <summary>It was delivered, but the outputs are gone or have become others.</summary>
    Stale,
}

/// <summary>
/// The folder of one job. Beside the journal lies a mark when the job has ended: its time says when, and its lines are
/// the sizes of the delivered files in order (none where the job failed).
/// </summary>
public sealed record JobDirectory(string Path)
{
    private string Mark => System.IO.Path.Combine(Path, "finished");

    /// <summary>When the job ended; null where it has not.</summary>
    public DateTimeOffset? FinishedAt => File.Exists(Mark) ? File.GetLastWriteTimeUtc(Mark) : null;

    public JobTrace Trace(IReadOnlyList<string> destinations)
    {
        if (!Directory.Exists(Path))
        {
            return JobTrace.None;
        }
        if (!File.Exists(Mark))
        {
            return JobTrace.Begun;
        }
        var sizes = File.ReadAllLines(Mark);
        if (sizes.Length == 0)
        {
            return JobTrace.Begun;
        }
        return sizes.SequenceEqual(destinations.Select(SizeOf))
            ? JobTrace.Delivered
            : JobTrace.Stale;
    }

    public void MarkFinished(IEnumerable<string> delivered) =>
        File.WriteAllLines(Mark, delivered.Select(SizeOf));

    private static string SizeOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length.ToString(CultureInfo.InvariantCulture) : "gone";
    }
}
