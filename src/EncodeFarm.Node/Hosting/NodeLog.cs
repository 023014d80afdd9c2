using System.Collections.Concurrent;
using EncodeFarm.Actors;
using EncodeFarm.Cluster;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>Where a node's actors, its transport and its tools say what happens.</summary>
/// <param name="node">For people, in the terminal.</param>
/// <param name="jobs">Directory with a folder for each job, where its log lies.</param>
public sealed class NodeLog(FarmLog node, string jobs, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, JobLog> _jobs = new();

    /// <summary>The log of a job, on this machine.</summary>
    public JobLog Of(string job) =>
        _jobs.GetOrAdd(
            job,
            id =>
            {
                var directory = Path.Combine(jobs, id);
                Directory.CreateDirectory(directory);
                return new JobLog(directory, time);
            }
        );

    /// <summary>Nothing is said of the job any more; the next word opens its log again.</summary>
    public void Close(string job)
    {
        if (_jobs.TryRemove(job, out var log))
        {
            log.Dispose();
        }
    }

    public void Happened(string job, VideoEvent happened)
    {
        var (level, text) = EventWords.Of(happened);
        Of(job).Write(text);
        node.Write(level, $"{job}: {text}", job);
        if (happened is WorkCleaned)
        {
            Close(job);
        }
    }

    public void Actor(ActorLog entry) =>
        Warn(
            entry.Error is null
                ? $"{entry.Path}: {entry.Text}"
                : $"{entry.Path}: {entry.Text} ({entry.Error.Message})"
        );

    public void Warn(string text) => node.Write(LogLevel.Warning, text);

    public void Cluster(ClusterLog entry) =>
        node.Write(
            entry.Level switch
            {
                ClusterLogLevel.Error => LogLevel.Error,
                ClusterLogLevel.Warning => LogLevel.Warning,
                _ => LogLevel.Info,
            },
            entry.Message
        );

    /// <summary>Runs the tools of a job, marked as this node's and logged with the job.</summary>
    public IToolRunner Runner(string job, string marker) =>
        new ToolRunner { JobMarker = marker, OnCommand = record => Of(job).Write(record) };
}
