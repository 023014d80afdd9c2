using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Logging;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Embedded;

/// <summary>Commands that may come next, ready to be pasted.</summary>
public static class NextSteps
{
    public static IEnumerable<string> After(EncodeReport report, WorkDirectory work)
    {
        var delivered = report
            .Jobs.SelectMany(job =>
                job.Renditions.Select(rendition => (Job: job, Rendition: rendition))
            )
            .FirstOrDefault(pair => pair.Rendition.State == "Delivered");
        if (delivered.Job is { } job && !S3Address.Is(delivered.Rendition.Path))
        {
            yield return $"Compare:  encodefarm vmaf {Quote(job.Source)} {Quote(delivered.Rendition.Path)}";
        }
        var logs = report
            .Jobs.Where(job => job.State != "Completed")
            .Select(job => job.Id)
            .OfType<string>()
            .Select(id => Path.Combine(work.Job(id).Path, JobLog.FileName));
        foreach (var log in logs.Where(File.Exists))
        {
            yield return $"Log:      {Quote(log)}";
        }
    }

    /// <summary>For a POSIX shell, also names that begin with a dash or hold quotes or newlines.</summary>
    private static string Quote(string path) =>
        path.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./+@%:,=".Contains(letter))
            ? path
            : $"'{path.Replace("'", @"'\''")}'";
}
