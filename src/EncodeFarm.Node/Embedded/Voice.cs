using EncodeFarm.Actors;
using EncodeFarm.Cluster;
using EncodeFarm.Farm;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Cli;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Embedded;

/// <summary>Tells people what the farm does: in the jobs' logs, as messages, and as progress.</summary>
public sealed class Voice
{
    private readonly CliHost _host;
    private readonly IReadOnlyDictionary<string, OpenJob> _jobs;
    private readonly FarmLog _log;
    private readonly ProgressMode _mode;
    private ProgressDisplay? _display;

    public Voice(
        CliHost host,
        FarmSettings farm,
        EncodeRequest request,
        IReadOnlyList<OpenJob> jobs
    )
    {
        _host = host;
        _jobs = jobs.ToDictionary(job => job.Spec.Id);
        var json = farm.LogFormat == LogFormat.Json;
        _mode =
            request.Quiet ? ProgressMode.None
            : host.ErrorIsTerminal && !json ? ProgressMode.Live
            : ProgressMode.Plain;
        var least =
            request.Quiet ? LogLevel.Error
            : request.Verbose ? LogLevel.Debug
            : farm.LogLevel;
        _log = new FarmLog(Write, farm.LogFormat, least, host.Color, host.Time);
    }

    /// <summary>Shows progress until it is disposed of.</summary>
    public IAsyncDisposable Watch(FarmMonitor monitor, int slots)
    {
        var views = new ViewBuilder([.. _jobs.Values.Select(job => job.Spec)], slots, _host.Time);
        var output = new ProgressOutput(_mode, _host.Error, _log.Info, _host.Width, _host.Color);
        var display = new ProgressDisplay(output, () => views.Build(monitor), _host.Time);
        monitor.Changed += display.Changed;
        _display = display;
        return new Watching(() =>
        {
            monitor.Changed -= display.Changed;
            _display = null;
            return display.DisposeAsync();
        });
    }

    /// <summary>Says what earlier runs mean for this one, so that nobody takes an old report for a new encode.</summary>
    public void TellOfEarlierRuns()
    {
        foreach (var job in _jobs.Values.Where(job => job.WasDelivered))
        {
            Tell(
                job,
                LogLevel.Info,
                "delivered before, so nothing is encoded; --overwrite encodes it again."
            );
        }
        foreach (var job in _jobs.Values.Where(job => job.BeginsAnew))
        {
            Tell(
                job,
                LogLevel.Warning,
                "begins anew, because the tools of this machine have changed since it began."
            );
        }
    }

    private void Tell(OpenJob job, LogLevel level, string text)
    {
        job.Log.Write(text);
        var name = Words.Name(Path.GetFileName(job.Spec.Source.Path));
        _log.Write(level, $"{name}: {text}", job.Spec.Id);
    }

    public void Happened(string job, VideoEvent happened)
    {
        var (level, text) = EventWords.Of(happened);
        _jobs[job].Log.Write(text);
        var name = Words.Name(Path.GetFileName(_jobs[job].Spec.Source.Path));
        // Failures of whole jobs end in the report; the same sentence twice would not help.
        if (level != LogLevel.Error)
        {
            _log.Write(level, $"{name}: {text}", job);
        }
    }

    public void Actor(ActorLog entry)
    {
        var text = entry.Error is null
            ? $"{entry.Path}: {entry.Text}"
            : $"{entry.Path}: {entry.Text} ({entry.Error.Message})";
        foreach (var job in _jobs.Values)
        {
            job.Log.Write(entry.Error is null ? text : $"{text}\n{entry.Error}");
        }
        // Warnings of actors are for whoever mends the farm, and those read the log.
        _log.Write(entry.Level == ActorLogLevel.Error ? LogLevel.Warning : LogLevel.Debug, text);
    }

    /// <summary>Of the server of a bucket that outputs go to.</summary>
    public void Store(ClusterLog entry) => _log.Write(LogLevel.Warning, entry.Message);

    private void Write(string line)
    {
        if (_display is { } display)
        {
            display.WriteLine(line);
        }
        else
        {
            _host.Error.WriteLine(line);
        }
    }

    private sealed class Watching(Func<ValueTask> end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => end();
    }
}
