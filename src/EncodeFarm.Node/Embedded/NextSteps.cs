using EncodeFarm.Node.Jobs;
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
        if (delivered.Job is { } job)
        {
            yield return $"Compare:  encodefarm vmaf {Quote(job.Source)} {Quote(delivered.Rendition.Path)}";
        }
        if (report.Jobs.FirstOrDefault(each => each.State != "Completed") is { } failed)
        {
            yield return $"Log:      {Quote(Path.Combine(work.Job(failed.Id).Path, Logging.JobLog.FileName))}";
        }
    }

    /// <summary>For a POSIX shell, also names that begin with a dash or hold quotes or newlines.</summary>
    private static string Quote(string path) =>
        path.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./+@%:,=".Contains(letter))
            ? path
            : $"'{path.Replace("'", @"'\''")}'";
}
