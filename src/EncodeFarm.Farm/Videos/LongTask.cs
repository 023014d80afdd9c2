using EncodeFarm.Actors;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Work;

namespace EncodeFarm.Farm.Videos;

/// <param name="Directory">The job's own directory on the coordinator.</param>
/// <param name="Report">Brings reports to the video.</param>
public sealed record TaskContext(
    string Video,
    VideoState State,
    string Directory,
    IMediaWork Media,
    Cluster.Artifacts.IArtifactStore Store,
    IActorRef<DispatchMessage> Dispatcher,
    Action<VideoInput> Report
);

public abstract record TaskMessage
{
    public sealed record Granted : TaskMessage;

    public sealed record Done(VideoInput? Report) : TaskMessage;

    public sealed record Broke(Exception Error) : TaskMessage;
}

/// <summary>
/// An actor that does one long thing for a video: waits for a slot, works, reports, and ends. Its back-off is the
/// video's business, so it never restarts by itself.
/// </summary>
public abstract class LongTask(TaskContext task, TaskId id) : Actor<TaskMessage>
{
    string Key => $"{Job.Video}/{Id}";

    protected TaskContext Job { get; } = task;
    protected TaskId Id { get; } = id;

    /// <summary>Does the work. The report that it returns is sent when it has ended; earlier ones it sends itself.</summary>
    protected abstract Task<VideoInput?> WorkAsync(CancellationToken cancellation);

    protected override ValueTask StartedAsync()
    {
        var grant = new Grant(Context.Self);
        Job.Dispatcher.Tell(new TakeSlot(Key, Job.Video, grant));
        return ValueTask.CompletedTask;
    }

    protected override ValueTask ReceiveAsync(TaskMessage message)
    {
        switch (message)
        {
            case TaskMessage.Granted:
                Context.Pipe<VideoInput?>(
                    WorkAsync(Context.Stopping),
                    report => new TaskMessage.Done(report),
                    error => new TaskMessage.Broke(error)
                );
                break;
            case TaskMessage.Done done:
                if (done.Report is not null)
                {
                    Job.Report(done.Report);
                }
                Context.StopSelf();
                break;
            case TaskMessage.Broke broke:
                Job.Report(Broken(broke.Error));
                Context.StopSelf();
                break;
        }
        return ValueTask.CompletedTask;
    }

    protected override ValueTask StoppedAsync(Exception? cause)
    {
        Job.Dispatcher.Tell(new ReturnSlot(Key));
        return ValueTask.CompletedTask;
    }

    protected virtual VideoInput Broken(Exception error) =>
        new TaskBroke(Id, Failures.Of(error), []) { Spent = (error as TaskBrokeException)?.Spent };

    /// <summary>The dispatcher speaks of slots, the task of its own messages.</summary>
    sealed class Grant(IActorRef<TaskMessage> task) : IActorRef<SlotGranted>
    {
        public string Path => task.Path;
        public string Name => task.Name;

        public void Tell(SlotGranted message) => task.Tell(new TaskMessage.Granted());
    }
}
