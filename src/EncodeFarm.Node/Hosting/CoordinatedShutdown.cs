using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>Ends a node in order, phase by phase, in the words of actor clusters. A task that fails does not keep the others from running.</summary>
public sealed class CoordinatedShutdown(FarmLog log)
{
    public static IReadOnlyList<string> Phases { get; } =
    [
        "before-service-unbind",
        "service-unbind",
        "service-requests-done",
        "service-stop",
        "before-cluster-shutdown",
        "cluster-sharding-shutdown-region",
        "cluster-leave",
        "cluster-exiting",
        "cluster-exiting-done",
        "cluster-shutdown",
        "before-actor-system-terminate",
        "actor-system-terminate",
    ];

    private readonly List<(string Phase, Func<Task> Task)> _tasks = [];

    /// <exception cref="ArgumentException">There is no such phase.</exception>
    public void Add(string phase, Func<Task> task)
    {
        if (!Phases.Contains(phase))
        {
            throw new ArgumentException($"There is no phase '{phase}'.", nameof(phase));
        }
        _tasks.Add((phase, task));
    }

    public async Task RunAsync()
    {
        foreach (var phase in Phases)
        {
            var tasks = _tasks.Where(task => task.Phase == phase).ToList();
            if (tasks.Count > 0)
            {
                log.Write(LogLevel.Debug, $"Shutdown: {phase}");
            }
            foreach (var (_, task) in tasks)
            {
                await RunAsync(phase, task);
            }
        }
    }

    private async Task RunAsync(string phase, Func<Task> task)
    {
        try
        {
            await task();
        }
        catch (Exception error)
        {
            log.Write(LogLevel.Warning, $"Shutdown, {phase}: {error.Message}");
        }
    }
}
